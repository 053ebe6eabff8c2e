"""Who reaches what."""
