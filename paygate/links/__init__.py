"""Multi-use links: one link and QR code that many payers pay, each as often as they like."""
