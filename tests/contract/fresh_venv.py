"""A virtual environment of its own, into which ako and plugins are installed as users install them.

Nothing is fetched: what they depend on, and what builds them, is found where it is installed for these tests, behind
what is in the environment.
"""

from __future__ import annotations

import shutil
import sysconfig
import venv
from pathlib import Path

from tests.contract.third_party import LEFT_BEHIND, run

ROOT = Path(__file__).parents[2]
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-build-isolation")


class FreshVenv:
    """The environment in a folder that is not there yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        venv.create(folder, with_pip=True)
        self._python = str(folder / "bin" / "python")
        # Before Python 3.12 there is one, older than what plugins ask for.
        run(["-m", "pip", "uninstall", "--quiet", "--yes", "setuptools"], folder, python=self._python)
        found = run(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder, python=self._python)
        # By a .pth file it is looked into last, and its own .pth files, as that of this checkout, count nothing.
        behind = Path(found.stdout.strip()) / "dependencies.pth"
        behind.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    def install(self, what: str) -> None:
        """Install a wheel or a folder; all that it depends on must be there then, in a version that it takes."""
        run([*PIP, "--ignore-installed", "--no-deps", what], self._folder, python=self._python)
        run(["-m", "pip", "--disable-pip-version-check", "check"], self._folder, python=self._python)

    def holds(self, module: str) -> bool:
        """Say whether a module is imported from here."""
        found = run(["-c", f"import {module}; print({module}.__file__)"], self._folder, python=self._python)
        return Path(found.stdout.strip()).is_relative_to(self._folder)

    def ako(self, *arguments: str) -> str:
        """Run ako from there; give what it prints."""
        return run(["-m", "ako", *arguments], self._folder, python=self._python).stdout


def wheel(folder: Path) -> Path:
    """Build the wheel of ako from a copy of the checkout."""
    source = folder / "source"
    source.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "ako", source / "ako", ignore=LEFT_BEHIND)
    command = ("-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    run([*command, "--no-build-isolation", "--wheel-dir", str(folder), str(source)], folder)
    (built,) = folder.glob("ako-*.whl")
    return built
