"""What the kiosk says to people: the shape of a language, and one file per language."""
