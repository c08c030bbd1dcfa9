"""The Devices API, simulated: all of its operations, and its bad days."""
