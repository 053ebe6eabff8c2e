"""Stories about 3-D Secure."""
