"""The back office through its pages."""
