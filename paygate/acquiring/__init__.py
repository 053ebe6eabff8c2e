"""What is asked of acquirers: their contracts, their connectors, and how their answers are read."""
