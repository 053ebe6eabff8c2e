"""Offers: overview, form, detail."""
