"""One table of moves for each noun."""
