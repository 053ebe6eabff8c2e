"""The product in a real browser: few walks, all of it."""
