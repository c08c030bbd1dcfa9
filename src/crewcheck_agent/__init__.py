"""The device agent of CrewCheck kiosks."""

__version__ = "0.1.0"
__released__ = "2026-11-23"
"""The day of this version, ISO 8601: a clock that shows an earlier one is wrong."""
