"""PostgreSQL, told on every connection whose rows it may show."""
