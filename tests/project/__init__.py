"""What the installation is told, and what it writes down."""
