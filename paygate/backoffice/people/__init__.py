"""People, their sessions, and the audit log."""
