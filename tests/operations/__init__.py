"""What whoever runs the installation relies on."""
