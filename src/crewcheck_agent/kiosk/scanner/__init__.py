"""Code scanners: USB keyboards that nobody types on, and serial lines."""
