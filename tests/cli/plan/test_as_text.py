"""A plan as people read it: whole in a pipe, folded to what fits at a terminal, the same words in both."""

from __future__ import annotations

import io
import re

import pytest
from msgspec.structs import replace

from ako.cli.plan.as_text import show
from ako.cli.screen import Screen
from ako.core.control.preview import Preview
from ako.core.explain.moves import Move
from tests.builders import Manifest, endpoints, ingress, service
from tests.core.control.rig import Rig

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """Takes what is printed on a terminal."""

    def isatty(self) -> bool:
        return True


def preview_of(*manifests: Manifest) -> Preview:
    rig = Rig(service("web"), endpoints("web", "10.0.0.1"))
    rig.apply(*manifests)
    return rig.preview()


def hosts(count: int) -> list[Manifest]:
    return [ingress(f"i{number}", (f"h{number:02}.com", "/", "web:80")) for number in range(count)]


def on_terminal(
    preview: Preview, monkeypatch: pytest.MonkeyPatch, lines: int, *, columns: int = 300, is_whole: bool = False
) -> str:
    """Give what stands on a terminal of so many lines."""
    for name, value in {"TERM": "xterm", "COLUMNS": str(columns), "LINES": str(lines)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    show(preview, Screen(terminal), is_whole=is_whole)
    return terminal.getvalue()


def piped(preview: Preview) -> str:
    stream = io.StringIO()
    show(preview, Screen(stream))
    return stream.getvalue()


def test_at_a_terminal_stand_the_words_of_a_pipe_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    preview = preview_of(*hosts(2))
    shown = on_terminal(preview, monkeypatch, 200)
    assert "\x1b[32m+ create" in shown
    assert ESCAPES.sub("", shown) == piped(preview)
    assert "\x1b" not in piped(preview)


def test_a_long_plan_fits_the_screen_and_says_how_to_see_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    preview = preview_of(*hosts(40), ingress("wrong", ("wrong.com", "/", "missing:80")))
    shown = ESCAPES.sub("", on_terminal(preview, monkeypatch, 24)).splitlines()
    assert len(shown) <= 24
    assert shown[0] == "host h00.com (Ingress/default/i0): 1 to create"
    assert any(re.fullmatch(r"and \d+ more hosts; --all shows every line, a pipe too", line) for line in shown)
    assert "problems: 1 of 1 objects" in shown
    assert f"plan {preview.plan.id}: " in "\n".join(shown)
    assert shown[-1] == "wrong: 1 BackendNotFound"
    whole = ESCAPES.sub("", on_terminal(preview, monkeypatch, 24, is_whole=True))
    assert whole == piped(preview)


def test_what_is_folded_has_its_place_and_many_moves_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = tuple(Move(f"h{number}.com", "c--a", "c--b") for number in range(9))
    preview = replace(preview_of(*hosts(40)), moves=moves)
    shown = ESCAPES.sub("", on_terminal(preview, monkeypatch, 30, columns=60)).splitlines()
    assert len(shown) <= 30
    assert "moves: and 6 more" in shown
    assert piped(preview).count("moves: ") == 9


def test_it_says_in_the_order_of_doing_what_is_created(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = piped(preview_of(service("direct", type="LoadBalancer"))).splitlines()
    types = [line.split()[2] for line in lines if line.startswith("  + create")]
    assert types.index("pool") < types.index("l4policyset") < types.index("virtualservice")
    assert types.index("vsvip") < types.index("virtualservice")


def test_nothing_to_do_is_one_line() -> None:
    assert piped(preview_of()) == "nothing to do\n"


def test_hosts_and_addresses_of_services_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = {"ako.vmware.com/enable-shared-vip": "one"}
    ports = [
        service("solo", type="LoadBalancer"),
        *(service(name, 80 + n, type="LoadBalancer", annotations=shared) for n, name in enumerate(("x", "y"))),
    ]
    preview = preview_of(*hosts(2), *ports)
    lines = piped(preview).splitlines()
    headings = [line for line in lines if line.startswith(("host ", "Service/", "shared address"))]
    assert headings == [
        "host h00.com (Ingress/default/i0)",
        "host h01.com (Ingress/default/i1)",
        "Service/default/solo",
        "shared address default/one (Service/default/x, Service/default/y)",
    ]
    assert "  for 2 hosts: h00.com, h01.com" in lines
    assert "  for 2 addresses of Services: Service/default/solo, shared address default/one" in lines
    folded = ESCAPES.sub("", on_terminal(preview, monkeypatch, 8))
    assert "and 1 more host and 2 more addresses of Services; --all shows" in folded
