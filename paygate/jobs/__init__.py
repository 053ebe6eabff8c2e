"""Work done after a commit: written as a row with the change that caused it, then done by the job process."""
