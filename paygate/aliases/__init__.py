"""Stored means of payment: the vault of card numbers, and the aliases that stand for them."""
