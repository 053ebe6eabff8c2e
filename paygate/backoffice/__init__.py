"""The merchant's back office."""
