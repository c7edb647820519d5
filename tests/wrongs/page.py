"""docs/plugins/faults.md: what plugins do is taken from the catalogue, what is said of it from a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.wrongs.catalogue import GROUPS
from tests.wrongs.wrong import Held, Wrong

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "faults.md"
BEGIN, END = "<!-- generated: python -m tests.wrongs -->", "<!-- end of what is generated -->"
HEAD = "| what the plugin does | what becomes of it | what the log says | the contract suite |\n|---|---|---|---|"
LONGEST = 170

_STAMP = re.compile(r"^\S+Z [A-Z]+ (?:key: \S+, msg: )?(?:PluginFault: |PluginSuspended: )?")
_TIMES = re.compile(r" \(\d+ times by now\)$")
_BECOMES = {
    Held.FAULT: "a fault",
    Held.SUSPENDED: "suspended",
    Held.REFUSED: "refused",
    Held.RESTARTED: "started again",
    Held.BORNE: "borne",
}


def shown(line: str) -> str:
    """Give a line of a log as the page has it: without its time, and not longer than can be read."""
    text = _TIMES.sub("", _STAMP.sub("", line))
    text = re.sub(r"; what it said before stays, and it is asked again in .*$", "; …", text)
    text = re.sub(r", in /[^)]*", "", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def cells(wrong: Wrong, line: str) -> tuple[str, str, str, str]:
    """Give the row of one."""
    said = f"`{shown(line).replace('`', '')}`" if line else wrong.limit
    return wrong.does, _BECOMES[wrong.held], said.replace("|", "\\|"), wrong.unseen or "fails it"


def rows(lines: Mapping[str, str]) -> Iterator[str]:
    """Give the tables, by what log lines told of each."""
    for title, wrongs in GROUPS.items():
        yield f"## {title}\n"
        yield HEAD
        yield from (f"| {' | '.join(cells(wrong, lines.get(wrong.name, '')))} |" for wrong in wrongs)
        yield ""


def written(lines: Mapping[str, str]) -> None:
    """Put the tables into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(rows(lines)) + f"\n{END}{after}", encoding="utf-8")


def read() -> Mapping[str, Sequence[str]]:
    """Give the cells of each row that is there, by what the plugin does."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    found = (re.split(r" \| ", line.strip("| ")) for line in text.splitlines() if line.startswith("| "))
    return {one[0]: one for one in found if one[0] != "what the plugin does"}
