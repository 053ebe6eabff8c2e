"""Counters that say when somebody does something too often."""
