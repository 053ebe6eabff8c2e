"""How pages and letters look."""
