"""The merchant that every row of a merchant points to, and the walls between merchants."""
