"""The walk of one payment."""
