"""Multi-use links: overview, form, one link with its code and its payments."""
