"""Signing in, and the letters about it."""
