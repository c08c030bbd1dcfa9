"""The examination: every step of the path from the configuration to the picture, tried for real."""
