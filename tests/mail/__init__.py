"""Letters: written, queued, delivered to a real mail server, kept."""
