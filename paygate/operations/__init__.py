"""What whoever runs the installation needs."""
