"""Migrations of the room `threeds`."""
