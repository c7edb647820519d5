"""Every command on every page: run in order as a reader would, and what comes is what the page shows.

How each kind is tried is in `kinds.py`. The examples of one page share a place, and what they leave is there for the
next ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from ako.sim import Simulator
from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.pages import scene
from tests.pages.blocks import Step, pages, read, spoken, steps, strays
from tests.pages.comparing import fits
from tests.pages.kinds import Way, faults, lacking, only_looks, way
from tests.pages.place import Cluster, Done, Place
from tests.ports import free_ports
from tests.waiting import wait_until

PAGES = pages()
RUNBOOKS = "docs/runbooks/"
SAMPLE = ("README.md", "docs/quickstart.md", "docs/install.md")
"""Pages that are always tried; all others are in `make campaign`."""


def stories() -> Iterator[object]:
    """Give pages that are tried one after the other in one place: the runbooks together, each other page by itself."""
    runs = [page for page in PAGES if any(way(step) is Way.RUN for step in steps(page, read(page)) if step.command)]
    alone = [(page,) for page in runs if not page.startswith(RUNBOOKS)]
    for story in [*alone, tuple(page for page in runs if page.startswith(RUNBOOKS))]:
        marks = [] if story[0] in SAMPLE else [pytest.mark.campaign]
        if missing := lacking(step for page in story for step in steps(page, read(page)) if step.command):
            marks.append(pytest.mark.skip(reason=f"its commands need {', '.join(sorted(missing))}"))
        yield pytest.param(story, marks=marks, id=story[0].partition("/Ako")[0])


CHANGES_FOUND = 2
"""How `ako plan` ends where there is something to do."""
NOTHING_FOUND = 1
"""How `grep` ends then, which is well where a page has its reader look for trouble."""


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Give the place for a page: one that speaks of a cluster has one."""
    page = request.node.callspec.params["story"][0]
    text = read(page)
    own = free_ports(2)
    with ExitStack() as stack:
        names, cluster = {}, None
        is_installed = "kubectl" in text or page in scene.INSTALLED
        if is_installed or "kubeconfig" in text or page in scene.BEFORE:
            kube = stack.enter_context(KubeApi())
            simulator = stack.enter_context(Simulator())
            cluster = Cluster(kube, stack.enter_context(AviControl(simulator.url)))
            stack.callback(cluster.close)
            names[scene.AVI] = simulator.url
            if page not in scene.BEFORE:
                scene.prepare(kube, simulator.url, is_running=is_installed)
        place = stack.enter_context(Place(tmp_path, (own[0], own[1]), names, cluster))
        place.make("my-values.yaml" if page in scene.BEFORE else "values.yaml", scene.values())
        yield place


def usual_codes(step: Step) -> set[int]:
    """Give how a command may end of which the page says nothing."""
    looks_through = not step.shown and "| grep" in step.command
    return (
        {0} | ({CHANGES_FOUND} if "ako plan" in step.command else set()) | ({NOTHING_FOUND} if looks_through else set())
    )


def trouble(step: Step, done: Done) -> str:
    """Say what is not as the page says, empty if nothing is."""
    codes = {step.ends} if step.ends is not None else usual_codes(step)
    if done.code is not None and done.code not in codes:
        return f"{step.where}: {step.command}\nended with {done.code}:\n{done.printed[-3000:]}"
    if step.shown and not fits(step.shown, done.printed.splitlines()):
        shown = "\n".join(step.shown)
        return f"{step.where}: {step.command}\nshown:\n{shown}\nprinted:\n{done.printed[-3000:]}"
    return ""


def tried(step: Step, place: Place) -> str:
    """Run a command, one that only looks until it shows what the page says; give what is not so in the end."""
    found = trouble(step, place.run(step.command))
    if found and only_looks(step.command):
        wait_until(lambda: trouble(step, place.run(step.command)) == "" or None)
        return trouble(step, place.run(step.command))
    return found


@pytest.mark.parametrize("story", list(stories()))
def test_commands_do_what_the_page_says(place: Place, story: Sequence[str]) -> None:
    place.begin()
    for page in story:
        follow(place, page)
    place.end()


def follow(place: Place, page: str) -> None:
    """Do what a page says; what only looks and was looked at, on a page before, is not looked at again."""
    section = ""
    for step in steps(page, read(page)):
        if step.section != section:
            section = step.section
            if (situation := scene.SITUATIONS.get((page, section))) is not None:
                situation(place)
        if step.file:
            place.make(step.file, step.content)
        elif way(step) is Way.RUN and not (page.startswith(RUNBOOKS) and place.has_run(step.command)):
            assert (found := tried(step, place)) == "", found


@pytest.mark.parametrize("page", PAGES)
def test_every_command_has_a_verdict(page: str) -> None:
    """Also those that are run: they are checked here on machines that lack a program."""
    text = read(page)
    found = [fault for step in [*steps(page, text), *spoken(page, text)] for fault in faults(step)]
    assert found == []
    assert list(strays(page, text)) == [], "commands stand in blocks ```console or ```sh"
