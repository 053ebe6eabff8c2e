"""Stories about cards."""
