"""What is tried is what is written: the translations as they are in `languages/`, and English unless a test asks."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from languages.catalogues import PACKAGE, compile_into


def pytest_configure(config: pytest.Config) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        os.environ.pop(name, None)
    if not hasattr(config, "workerinput"):  # once, before any worker starts
        compile_into(PACKAGE / "locale")
