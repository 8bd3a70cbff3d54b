"""A raw post made safe: front matter, Markdown, HTML, plain text become one clean post. The door is `prepare`."""
