"""Whose rows are seen, and the walls between merchants."""
