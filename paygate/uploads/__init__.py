"""Many offers from one file: read, checked row by row, and after a person's word created by a job (SPG-UPL)."""
