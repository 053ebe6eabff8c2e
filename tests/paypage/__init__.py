"""The payer's pages: what they say, what they refuse, and the headers they carry."""
