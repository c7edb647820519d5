"""A distribution, installed as a third party's would be: by pip, into a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.waiting import PATIENCE

SOURCE = Path(__file__).parents[2] / "examples" / "third_party_source"
LEFT_BEHIND = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", ".*")


class Installed:
    """A folder with the installed distribution (the example by default), and a copy of its source beside it."""

    def __init__(self, folder: Path, source: Path = SOURCE) -> None:
        self.source = folder / "source"
        self.site = folder / "site"
        shutil.copytree(source, self.source, ignore=LEFT_BEHIND)
        # Built by the setuptools of our own development dependencies: nothing is fetched.
        run(
            [
                *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"),
                *("--no-build-isolation", "--target", str(self.site), str(self.source)),
            ]
        )

    def run(self, arguments: Sequence[str], expected: int = 0) -> subprocess.CompletedProcess[str]:
        """Run Python with the distribution on its path."""
        return run(arguments, self.source, {"PYTHONPATH": str(self.site)}, expected)


def install_by_hand(site: Path, distribution: str, version: str, points: str, modules: Mapping[str, str]) -> None:
    """Leave what an installer would: modules, and metadata that names the plugins among them."""
    info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[ako.plugins]\n{points}\n", encoding="utf-8")
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text, encoding="utf-8")


def run(
    arguments: Sequence[str],
    folder: Path = SOURCE,
    variables: Mapping[str, str] | None = None,
    expected: int = 0,
    python: str = sys.executable,
) -> subprocess.CompletedProcess[str]:
    """Run Python with an environment that holds no setting of ours; insist on the exit code."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [python, *arguments],
        cwd=folder,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == expected, f"{arguments}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
