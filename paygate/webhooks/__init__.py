"""Calls to addresses of merchants: told of payments, with patience."""
