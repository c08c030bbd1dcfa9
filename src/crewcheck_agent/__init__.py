"""The device agent of CrewCheck kiosks."""

__version__ = "0.1.0"
