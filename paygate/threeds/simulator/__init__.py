"""The pretend 3-D Secure server with its directory and issuer: test equipment (safety.md TE-1)."""
