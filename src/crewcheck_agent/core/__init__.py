"""What is decided: pure values and rules, on the standard library alone."""
