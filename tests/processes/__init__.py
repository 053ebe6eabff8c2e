"""The product as real processes on real databases: crowded, killed and started again (safety.md 2 to 5)."""
