"""The walk of one payment, and the letters at its end."""
