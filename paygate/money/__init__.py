"""Money: whole minor units with a currency, how people write it, and the columns that keep it."""
