"""Every fault of the acquirer with every operation, and pairs of faults, from the page to the end of the schedule."""
