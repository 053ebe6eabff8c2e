"""The simulators' control, and the process that runs both of them on their own (safety.md TE-1)."""
