"""The technician's programs."""
