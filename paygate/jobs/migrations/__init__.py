"""The table of jobs over time."""
