"""Whole stories by chance: the real code in one process, and all chance comes from one seed (safety.md TE-5)."""
