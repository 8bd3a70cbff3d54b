"""From frozen deliveries to a provider's hands and back, losing nobody."""
