"""One table of allowed moves for each noun, and the history of every move."""
