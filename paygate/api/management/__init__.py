"""The Management API: payment links, terminals, licence, page configurations, transactions."""
