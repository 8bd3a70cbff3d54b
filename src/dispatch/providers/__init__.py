"""Who carries mail: one file a provider."""
