"""The JSON API: payment page, transactions, batch, aliases."""
