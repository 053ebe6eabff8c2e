"""3-D Secure: the issuer is asked who pays, and who bears the risk is decided (safety.md 7)."""
