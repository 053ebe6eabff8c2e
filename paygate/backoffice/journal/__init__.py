"""Journal and batches."""
