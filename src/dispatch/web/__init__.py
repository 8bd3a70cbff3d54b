"""What people and mail programs reach over HTTP: feeds, pages and the link that ends a subscription."""
