"""The commands that pages show, and what they say comes of them.

* A block ```` ```console ```` has commands after `$ ` and below each what it prints: all of it, `…` stands for anything
  within a line, alone on a line for any lines. A command without anything below it may print what it likes.
* A block ```` ```sh ```` has commands only.
* A block whose first line is `# NAME.yaml` is a file that the reader is told to make.
* `<!-- ends with 2 -->` right before a block says how its last command ends, where that is not with 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from tests.pages.site import ROOT

FENCE = re.compile(
    r"(?:^ *<!-- ends with (?P<ends>\d+) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
COMMENT = re.compile(r"<!-- (?!ends with).*?-->", re.DOTALL)
HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")
FILE = re.compile(r"# (?P<name>[\w./-]+\.(?:yaml|yml|json))\n")
PROGRAMS = ("ako", "make", "kubectl", "helm", "curl", "pip", "podman", "docker", "oc", "promtool", "python")
COMMANDS = ("console", "sh")


class Step(Struct, frozen=True):
    """One thing that a page has its reader do.

    Attributes:
        where: page and line, for messages.
        section: the heading it stands under.
        command: what is typed, empty if only a file is made.
        shown: what the page says it prints.
        ends: the exit code that the page names, None if it names none.
        file, content: the file that is to be made.
    """

    where: str
    section: str = ""
    command: str = ""
    shown: Sequence[str] = ()
    ends: int | None = None
    file: str = ""
    content: str = ""


def pages() -> list[str]:
    """Give all documents that users read, by their paths in the project."""
    folders = (
        ROOT.glob("*.md"),
        (ROOT / "docs").rglob("*.md"),
        (ROOT / "examples").rglob("*.md"),
        (ROOT / "deploy").rglob("*.md"),
    )
    return sorted(path.relative_to(ROOT).as_posix() for found in folders for path in found)


def read(page: str) -> str:
    """Give the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def steps(page: str, text: str) -> Iterator[Step]:
    """Give what a page has its reader do, in order."""
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("text")) + 1
        headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text[: fence.start()]), re.MULTILINE)
        section = headings[-1] if headings else ""
        lines = [one.removeprefix(fence["indent"]) for one in fence["text"].splitlines()]
        ends = int(fence["ends"]) if fence["ends"] else None
        if fence["language"] in COMMANDS:
            found = list((_shown if fence["language"] == "console" else _typed)(lines))
            for at, (number, command, shown) in enumerate(found):
                last = ends if at == len(found) - 1 else None
                yield Step(where=f"{page}:{line + number}", section=section, command=command, shown=shown, ends=last)
        elif file := FILE.match(body := "".join(f"{one}\n" for one in lines)):
            yield Step(where=f"{page}:{line}", section=section, file=file["name"], content=body)


def strays(page: str, text: str) -> Iterator[str]:
    """Give the commands that stand where nobody tries them: in other blocks, or indented."""
    text = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    inside = {
        number
        for fence in FENCE.finditer(text)
        if fence["language"] in COMMANDS
        for number in range(text.count("\n", 0, fence.start()), text.count("\n", 0, fence.end()) + 1)
    }
    typed = re.compile(rf"\s*(?:\$ \S|(?:{'|'.join(PROGRAMS)}) [\w-])")
    fenced = False
    for number, line in enumerate(text.splitlines()):
        if re.match(r" *```", line):
            fenced = not fenced
        elif number not in inside and (fenced or line.startswith("    ")) and typed.match(line):
            yield f"{page}:{number + 1}: {line.strip()}"


def spoken(page: str, text: str) -> Iterator[Step]:
    """Give the commands that stand in the prose of a page, between backticks."""
    prose = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    prose = re.sub(r"^(?: *```.*?^ *```$)", lambda block: "\n" * block[0].count("\n"), prose, flags=re.M | re.S)
    for found in re.finditer(rf"`((?:{'|'.join(PROGRAMS)}) [^`\n]+)`", prose):
        yield Step(where=f"{page}:{prose.count(chr(10), 0, found.start()) + 1}", command=found[1])


def _shown(lines: Sequence[str]) -> Iterator[tuple[int, str, Sequence[str]]]:
    number = 0
    while number < len(lines):
        first = number
        assert lines[number].startswith("$ "), f"a block begins with what no command printed: {lines[number]!r}"
        number, command = _whole(lines, number)
        shown = []
        while number < len(lines) and not lines[number].startswith("$ "):
            shown.append(lines[number].rstrip())
            number += 1
        yield first, command.removeprefix("$ "), shown


def _typed(lines: Sequence[str]) -> Iterator[tuple[int, str, Sequence[str]]]:
    number = 0
    while number < len(lines):
        first = number
        number, command = _whole(lines, number)
        if command.strip() and not command.startswith("#"):
            yield first, command, ()


def _whole(lines: Sequence[str], number: int) -> tuple[int, str]:
    """Give the number of the line after a command, and the command: with lines that go on, and what is fed to it."""
    taken = [lines[number]]
    while taken[-1].endswith("\\") and number + 1 < len(lines):
        number += 1
        taken.append(lines[number])
    if fed := HEREDOC.search(taken[-1]):
        while lines[number] != fed[1]:
            number += 1
            taken.append(lines[number])
    return number + 1, "\n".join(taken)
