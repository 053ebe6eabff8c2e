"""Multi-use links."""
