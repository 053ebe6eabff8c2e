"""Stories about the house itself."""
