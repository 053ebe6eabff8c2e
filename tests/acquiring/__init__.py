"""Tests of acquiring."""
