"""What the kiosk says to people: English texts, and the translations that stand in for them."""
