"""A merchant's terminals, people, settings and licence."""
