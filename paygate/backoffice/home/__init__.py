"""The day at a glance, search, and what a person chooses for themselves."""
