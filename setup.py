"""Compiles the languages' catalogues whenever the package is built; all else is in pyproject.toml."""

import sys
from pathlib import Path
from typing import ClassVar

from setuptools import Command, setup
from setuptools.command.build import build

sys.path.insert(0, str(Path(__file__).parent))  # a build does not look for modules beside this file

from languages.catalogues import DOMAIN, PACKAGE, compile_into, sources


class CompileCatalogues(Command):
    """A step of every build; into the source tree where the installation is editable."""

    user_options: ClassVar[list[tuple[str, str, str]]] = []
    editable_mode = False

    def initialize_options(self) -> None:
        self.build_lib = ""

    def finalize_options(self) -> None:
        self.build_lib = self.get_finalized_command("build_py").build_lib

    def run(self) -> None:
        compile_into(PACKAGE / "locale" if self.editable_mode else Path(self.build_lib) / PACKAGE.name / "locale")

    def get_source_files(self) -> list[str]:
        return [f"languages/{source.name}" for source in sources()]

    def get_outputs(self) -> list[str]:
        locale = Path(self.build_lib) / PACKAGE.name / "locale"
        return [str(locale / source.stem / "LC_MESSAGES" / f"{DOMAIN}.mo") for source in sources()]

    def get_output_mapping(self) -> dict[str, str]:
        return {}


build.sub_commands.append(("compile_catalogues", None))
setup(cmdclass={"compile_catalogues": CompileCatalogues})
