"""The two APIs, through their addresses, as programs call them."""
