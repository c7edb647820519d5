"""`ako plugins new`: a distribution with a plugin in it that works, for its author to change."""

from __future__ import annotations

import argparse
import builtins
import keyword
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution, entry_points
from importlib.resources import as_file, files
from pathlib import Path

from ako.cli.parser import USAGE_FAULT
from ako.core.base.errors import AkoError, PluginError
from ako.core.hooks.loading import GROUP
from ako.core.settings import Section
from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.core.settings.keys import key_table

TEMPLATES = "ako.cli.plugin_templates"
KINDS: Mapping[str, str] = {
    "source": "a kind of its own that asks for hosts (default)",
    "placement": "other servers for the backends of any source",
    "translation": "other fields of the Avi objects of any host",
}
"""What can be made; the template of each is `ako-my-<kind>`."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
_AS_IT_IS_STORED: Mapping[str, str] = {"gitignore": ".gitignore"}
"""Files whose own names would hide them from the tools that pack this program."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Makes ako-NAME, a distribution with a plugin, its tests, example manifests and settings for the simulator. "
        "It installs, passes its tests and serves its example as it is."
    )
    parser.epilog = (
        "Exit codes: 0 made; 1 it cannot be written; 64 a fault of usage, or the name is taken. "
        "Example: ako plugins new my_source --source"
    )
    parser.add_argument("name", metavar="NAME", help="of the plugin: lower-case letters, digits and _")
    kinds = parser.add_mutually_exclusive_group()
    for kind, meaning in KINDS.items():
        kinds.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, help=meaning)
    parser.add_argument(
        "--into", metavar="DIR", type=Path, default=Path(), help="folder in which ako-NAME is made (default: here)"
    )
    parser.set_defaults(run=run, kind="source")


def run(arguments: argparse.Namespace) -> int:
    """Make the distribution, and say what to do with it."""
    name, kind = arguments.name, arguments.kind
    target = arguments.into / f"ako-{name.replace('_', '-')}"
    if fault := name_fault(name) or _folder_fault(target):
        print(f"ako plugins new: {fault}", file=sys.stderr)
        return USAGE_FAULT
    try:
        make(name, kind, target)
    except OSError as error:
        raise AkoError(f"{target} cannot be written: {error.strerror or error}; nothing is left there") from error
    print(f"made {target}: {name}, a {kind} plugin")
    for step in (
        f"cd {target}",
        "pip install -e '.[dev]'",
        "pytest",
        "ako sim --port 8443 &",
        "ako run --once --manifests manifests --config values.yaml",
    ):
        print(f"  {step}")
    return 0


def name_fault(name: str) -> str:
    """Say why a new plugin cannot have this name, with the remedy; empty if it can."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        rule = f"lower-case letters, digits and single _ between them, a letter first, {_LONGEST} at most"
        return f"NAME {name!r} is none for a plugin: {rule}, such as web_sites"
    if name in IN_TREE_PLUGINS:
        return f"NAME {name} is a plugin of ako itself; choose another"
    for point in entry_points(group=GROUP, name=name):
        owner = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        return f"NAME {name} is a plugin of {owner}, which is installed; choose another"
    if (installed := _installed(f"ako-{name}")) is not None:
        return f"NAME {name}: {installed.name} {installed.version} is installed already; choose another"
    try:
        key_table({name: Section})
    except PluginError:
        return f"NAME {name}: its settings would be ako.{name}, a section of the program; choose another"
    return ""


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _folder_fault(target: Path) -> str:
    if target.exists() or target.is_symlink():
        return f"{target} exists, and nothing is overwritten; give another NAME, or another folder with --into"
    if not target.parent.is_dir():
        return f"--into {target.parent} is no folder; make it first"
    return ""


def make(name: str, kind: str, target: Path) -> None:
    """Make the distribution of a plugin: all of it, or nothing.

    Args:
        name: of the plugin, one without a `name_fault`.
        kind: of `KINDS`.
        target: the folder that is made.

    Raises:
        OSError: it cannot be written.
    """
    with as_file(files(TEMPLATES) / f"ako-my-{kind}") as template:
        texts = {path.relative_to(template): path.read_text(encoding="utf-8") for path in _template_files(template)}
    words = _words(name, kind, texts.values())
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for path, text in texts.items():
            place = draft / Path(*(_AS_IT_IS_STORED.get(part, _renamed(part, words)) for part in path.parts))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(_renamed(text, words), encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _template_files(template: Path) -> Iterator[Path]:
    """Give what belongs to a template; what tools left there does not."""
    for path in sorted(template.rglob("*")):
        parts = path.relative_to(template).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) or ".egg-info" in part for part in parts):
            yield path


def _words(name: str, kind: str, texts: Iterable[str]) -> dict[str, str]:
    """Give what stands in a template → what stands for it in the distribution."""
    singular = name[:-1] if name.endswith("s") and not name.endswith(("ss", "_s")) and len(name) > 1 else name
    title = "".join(part.capitalize() for part in singular.split("_"))
    # A class of that name would hide what the modules of the template use under it.
    own, own_title = f"my_{kind}", f"My{kind.capitalize()}"
    taken = set(keyword.kwlist).union(dir(builtins), *(re.findall(r"\w+", text) for text in texts))
    if title in taken - {own_title}:
        title += "Object"
    lower = title.lower()
    plural = f"{lower}es" if lower.endswith(("s", "x")) else f"{lower}s"
    return {
        own: name,
        own.replace("_", "-"): name.replace("_", "-"),
        own_title: title,
        own_title.lower(): lower,
        f"{own_title.lower()}s": plural,
    }


def _renamed(text: str, words: Mapping[str, str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub("|".join(longest_first), lambda found: words[found[0]], text)
