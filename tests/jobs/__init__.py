"""Jobs: the same stories on both engines."""
