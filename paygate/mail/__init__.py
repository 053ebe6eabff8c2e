"""Letters: queued, delivered, kept."""
