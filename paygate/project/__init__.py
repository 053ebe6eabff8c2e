"""Settings, root routes and what the whole process needs once."""
