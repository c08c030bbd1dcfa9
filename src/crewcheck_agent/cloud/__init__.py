"""The Devices API: what is asked, and what its answers mean."""
