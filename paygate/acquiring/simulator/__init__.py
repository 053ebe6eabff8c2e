"""A pretend acquirer with a ledger of its own, and the connector that speaks to it."""
