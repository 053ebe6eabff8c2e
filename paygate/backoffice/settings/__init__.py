"""Settings of the merchant."""
