"""The books: payments, what was asked of the acquirer, booking periods."""
