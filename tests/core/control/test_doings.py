"""What a controller says that it does: the counts are true at each moment, and in the end there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ako.core.base.doing import Count, Doing
from ako.core.control.doings import doings
from tests.builders import CLASS, endpoints, ingress, service
from tests.core.control.running import Running
from tests.e2e.stage import AviControl
from tests.waiting import eventually

HOSTS = 12
SHOPS = (
    CLASS,
    service("web"),
    endpoints("web", "10.0.0.1"),
    *(ingress(f"shop{n}", (f"shop{n}.com", "/", "web:80")) for n in range(HOSTS)),
)


class Watcher:
    """Notes what a controller says that it does whenever one of its parts is asked to do something."""

    def __init__(self, ako: Running) -> None:
        self.controller = ako.controller
        self.seen: list[Doing] = []

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that notes that before and after it does what it did."""

        def noting(*arguments: Any, **named: Any) -> Any:
            self.seen += doings(self.controller)
            result = function(*arguments, **named)
            self.seen += doings(self.controller)
            return result

        return noting

    def counts(self, what: str, things: str) -> list[tuple[int, int]]:
        """Give what was noted of one kind, each count once, in turn."""
        noted = [(doing.done, doing.of) for doing in self.seen if (doing.what, doing.things) == (what, things)]
        return list(dict.fromkeys(noted))


def test_each_host_tree_and_write_is_counted_as_it_is_done(avi: AviControl, url: str) -> None:
    ako = Running(url, manifests=SHOPS)
    watcher, reconciler = Watcher(ako), ako.controller.reconciler
    planner, dispatcher = reconciler.dispatcher.planner, reconciler.dispatcher
    reconciler.pipeline.hosts.function = watcher.around(reconciler.pipeline.hosts.function)
    planner._draft = watcher.around(planner._draft)  # type: ignore[method-assign]
    dispatcher.finished = watcher.around(dispatcher.finished)  # type: ignore[method-assign]
    kinds = len(list(reconciler.pipeline.store.kinds()))
    assert doings(ako.controller)[0] == Doing("listing Kubernetes", 0, kinds, "kinds")
    with ako:
        ako.comes_to_rest()
    assert watcher.counts("working out", "hosts") == [(done, HOSTS) for done in range(HOSTS)]
    trees = len(reconciler.pipeline.trees.rows)
    assert watcher.counts("planning", "trees") == [(done, trees) for done in range(trees)]
    written = sum(dispatcher.done.values())
    assert watcher.counts("writing to the Avi Controller", "changes") == [(done, written) for done in range(written)]
    assert len(avi.ours()) <= written
    assert doings(ako.controller) == ()


def test_of_a_controller_that_does_not_answer_the_reason_is_said() -> None:
    with Running("http://127.0.0.1:9") as ako:

        def said() -> list[str]:
            return [str(doing) for doing in doings(ako.controller) if doing.what.startswith("waiting to ask again: ")]

        assert eventually(said, "it said")[0].startswith("waiting to ask again: Avi Controller: ")


@pytest.mark.parametrize(
    ("doing", "words"),
    [
        (Doing("reading the settings"), "reading the settings"),
        (Doing("reading", 1200, 0, "objects"), "reading: 1,200 objects"),
        (Doing("reading", 3, 4000, "objects"), "reading: 3 of 4,000 objects"),
        (Doing("reading", 5, 4, "objects"), "reading: 5 of 5 objects"),
    ],
)
def test_in_words(doing: Doing, words: str) -> None:
    assert str(doing) == words


def test_a_count_is_what_all_have_told() -> None:
    count = Count()
    for done, of in ((0, 5), (2, 0), (0, 7), (3, 0)):
        count(done=done, of=of)
    assert (count.done, count.of) == (5, 12)
