"""Plain builders of rows, one file a room. Each works for the merchant of the terminal it is given."""
