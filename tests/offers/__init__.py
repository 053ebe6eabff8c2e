"""Offers: what is asked for, and the letter that asks."""
