#!/usr/bin/env python3
"""What the stages of the image do, for a plain folder as well: `wheels`, `install` and `build`.

Only the standard library and pip are used, because a base image has nothing else. `deploy/Containerfile` and
`make image-folder` run the same two steps:

* `wheels` fetches what `requirements.txt` pins, checks every hash, and builds the wheel of this program;
* `install` needs no network: it lays these wheels into a folder, takes out what nobody runs, and compiles the rest.

`build` runs the Containerfile with the tool that is there.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
REQUIREMENTS = HERE / "requirements.txt"
BUILD_REQUIREMENTS = HERE / "build-requirements.txt"

SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "ako")
"""What the wheel of this program is made of. Built from a copy: a build takes in what an earlier one left."""

NOT_RUN = (
    "bin",  # commands of libraries; what starts this program is beside `lib`
    "kubernetes/aio",  # the asynchronous client
    # Typed models and a class for each group of the API: what is asked is sent and read as bytes.
    "kubernetes/client/api",
    "kubernetes/client/apis",
    "kubernetes/client/models",
    "*/tests",
)
"""What is taken out of the installed packages, as patterns below `lib`; `__init__.py` of packages of models stay."""

KEPT = ("kubernetes/client/models/__init__.py",)
"""What is not, though a pattern above says so: `kubernetes.client` imports it, and it imports nothing by itself."""

NOT_READ = (".pyi", ".pyx", ".pxd", ".c", ".h")
"""Endings of files for type checkers and compilers."""

STARTER = """\
#!/usr/bin/env python3
import sys

from ako.cli.main import main

sys.exit(main())
"""

# The moment that is written into archives: the first that they can hold, so that equal sources give equal bytes.
EPOCH = "315532800"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a step and give its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    steps = parser.add_subparsers(required=True, metavar="STEP")
    wheels = steps.add_parser("wheels", help="fetch and build the wheels")
    wheels.add_argument("wheels", type=Path)
    wheels.set_defaults(step=lambda given: make_wheels(given.wheels))
    install = steps.add_parser("install", help="install the wheels, without a network")
    install.add_argument("wheels", type=Path)
    install.add_argument("folder", type=Path)
    install.add_argument("--no-bytecode", action="store_true", help="do not compile: smaller, and slower to start")
    install.set_defaults(step=lambda given: install_wheels(given.wheels, given.folder, compiles=not given.no_bytecode))
    build = steps.add_parser("build", help="build the image with podman, buildah or docker")
    build.add_argument("--tag", required=True)
    build.add_argument("--base", default="", help="another base image, best by its digest")
    build.set_defaults(step=lambda given: build_image(given.tag, given.base))
    given = parser.parse_args(arguments)
    return int(given.step(given))


def make_wheels(wheels: Path) -> int:
    """Fill the folder with the wheels of all pins and of this program."""
    wheels = _emptied(wheels)
    _pip("download", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", REQUIREMENTS, "-d", wheels)
    with tempfile.TemporaryDirectory() as place:
        sources, tools = Path(place, "sources"), Path(place, "tools")
        sources.mkdir()
        for name in SOURCES:
            _copy(ROOT / name, sources / name)
        _pip("install", "--require-hashes", "--only-binary", ":all:", "-r", BUILD_REQUIREMENTS, "--target", tools)
        surroundings = {**os.environ, "PYTHONPATH": str(tools), "SOURCE_DATE_EPOCH": EPOCH}
        _pip("wheel", "--no-build-isolation", "--no-deps", "-w", wheels, sources, surroundings=surroundings)
    return 0


def install_wheels(wheels: Path, folder: Path, *, compiles: bool) -> int:
    """Lay the wheels into `folder/lib`, with what starts the program in `folder/bin`."""
    folder = _emptied(folder)
    library = folder / "lib"
    # These wheels and no others, by their hashes; whether they are those of the pins was checked when they came.
    listed = folder / "wheels.txt"
    listed.write_text("".join(f"{_requirement(wheel)}\n" for wheel in sorted(wheels.glob("*.whl"))), encoding="utf-8")
    offline = ("--no-index", "--find-links", wheels, "--require-hashes", "--no-deps", "--no-compile")
    _pip("install", *offline, "-r", listed, "--target", library)
    _take_out(library)
    starter = folder / "bin" / "ako"
    starter.parent.mkdir()
    starter.write_text(STARTER, encoding="utf-8")
    starter.chmod(0o755)
    if compiles:
        # Unchecked: nothing here changes any more, and nobody has to look at the times of 1000 files at each start.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(library, quiet=1, stripdir=library, invalidation_mode=mode)
    return 0


def build_image(tag: str, base: str) -> int:
    """Build the image; what is missing is said in one line."""
    tool, missing = _tool()
    if not tool:
        print(f"make image: {missing}; `make image-folder` does what its stages do", file=sys.stderr)
        return 1
    words = [tool, "build", "-f", str(HERE / "Containerfile"), "-t", tag]
    words += ["--build-arg", f"VERSION={_version()}", "--build-arg", f"REVISION={_revision()}"]
    words += ["--build-arg", f"BASE={base}"] if base else []
    code = _run([*words, str(ROOT)], check=False)
    if code:
        told = f"`{tool} build` ended with {code}: can it fetch its base image?"
        print(f"make image: {told} `make image-folder` does what its stages do", file=sys.stderr)
    return code


def _tool() -> tuple[str, str]:
    """Give a tool that can build here, and what is missing if there is none."""
    silent = ""
    for tool in ("podman", "buildah", "docker"):
        found = shutil.which(tool)
        if found is None:
            continue
        if tool != "docker" or _run([found, "info"], check=False, quiet=True) == 0:
            return tool, ""
        silent = "docker is installed, but its daemon does not answer: start it, or install podman or buildah"
    return "", silent or "podman, buildah or docker is needed, and none is installed"


def _take_out(library: Path) -> None:
    for path in _unused(library):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _unused(library: Path) -> Iterator[Path]:
    kept = {library / name for name in KEPT}
    for pattern in NOT_RUN:
        for path in sorted(library.glob(pattern)):
            if any(path in file.parents for file in kept):
                yield from (inner for inner in sorted(path.iterdir()) if inner not in kept)
            else:
                yield path
    yield from (path for path in sorted(library.rglob("*")) if path.is_file() and path.suffix in NOT_READ)


def _requirement(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


def _emptied(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder.resolve()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _version() -> str:
    lines = (ROOT / "setup.cfg").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2].strip() for line in lines if line.startswith("version"))


def _revision() -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    words = [git, "rev-parse", "HEAD"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return told.stdout.strip()


def _pip(*words: str | Path, surroundings: dict[str, str] | None = None) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    _run([sys.executable, "-m", "pip", words[0], *quiet, *words[1:]], surroundings=surroundings)


def _run(
    words: Sequence[str | Path], *, check: bool = True, quiet: bool = False, surroundings: dict[str, str] | None = None
) -> int:
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run(words, check=check, env=surroundings, stdout=sink, stderr=sink).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(
            f"{Path(__file__).name}: {' '.join(str(word) for word in failed.cmd[:4])} … ended with {failed.returncode}"
        )
