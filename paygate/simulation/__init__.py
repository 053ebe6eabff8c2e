"""What the pretended other sides stand on: their ledger's file, faults on request, and the way to them."""
