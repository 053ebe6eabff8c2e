"""What every connector and every 3-D Secure server must satisfy."""
