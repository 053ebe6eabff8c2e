"""PayGate: payment links by phone, letter and mail, paid safely online."""
