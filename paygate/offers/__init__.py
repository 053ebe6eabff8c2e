"""Offers: one thing to be paid once, with a link and a deadline."""
