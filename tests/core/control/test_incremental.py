"""What is proposed by what changed is what a complete comparison proposes, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ako.core.avi.errors import AviError, AviForbidden, AviRejected, AviUnreachable
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import VsVip
from ako.core.plan.plan import Delete, Operation
from ako.core.plan.planner import Planner
from ako.core.plan.proposal import Proposal
from tests.builders import CLASS, NOT_DEFAULT, Manifest, endpoints, ingress, secret, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.control.test_tried_again import named
from tests.core.strict_controller import StrictController
from tests.properties import share_of

NUMBERS = range(6)


class Watched(Rig):
    """A rig that compares, in each turn before anything is done, what would be with what a complete comparison says."""

    def turn(self) -> None:
        self.reconciler.look("")
        if self.reconciler.is_observed:
            self.compare()
        self.reconciler.act()

    def compare(self) -> None:
        """Compare for trees that are not compared completely anyway, or are being written; all are judged together."""
        dispatcher = self.reconciler.dispatcher
        planner, unsure_of = dispatcher.planner, dispatcher.knowledge.unsure_of
        calm = {t for t, s in dispatcher._states if s.execution is None and not s.is_doubtful and not unsure_of([t])}
        with completely(planner, calm):
            groups = planner.groups(sorted(tree for tree, _ in dispatcher._states))
        due, others = [group for group in groups if group <= calm], [group for group in groups if not group <= calm]
        partial = planner.propose(due, others)
        with completely(planner, calm):
            complete = planner.propose(due, others)
        assert list(map(told, partial[: len(due)])) == list(map(told, complete[: len(due)]))


@contextmanager
def completely(planner: Planner, trees: Set[TreeName]) -> Iterator[None]:
    """Have trees compared completely for a while."""
    is_doubtful = planner._is_doubtful
    planner._is_doubtful = lambda tree: tree in trees or is_doubtful(tree)
    yield
    planner._is_doubtful = is_doubtful


def told(proposal: Proposal) -> tuple[frozenset[TreeName], Mapping[AviRef, Operation], set[str]]:
    """Give what a proposal comes to."""
    operations = {operation.ref: operation for operation in proposal.plan.operations}
    return proposal.trees, operations, {loss.name for loss in proposal.held}


class History:
    """A cluster and a Controller to which things happen, and the programs that look after them, one after the other."""

    def __init__(self, *, reports_drift: bool) -> None:
        policy = "report" if reports_drift else "repair"
        self.flags: dict[str, Any] = {"L7Settings__shardVSSize": 2, "ako__drift__policy": policy}
        self.controller = StrictController()
        self.manifests: dict[str, Manifest] = {}
        self.unreadable: set[str] = set()
        self.refused: set[tuple[str, str]] = set()
        self.error: Callable[[], AviError] = lambda: AviRejected("no", status=400)
        base = (service("web"), endpoints("web", "10.0.0.1"), service("api"), tls_secret("cert"))
        self._remember(CLASS, *base)
        self.start(0)

    def _remember(self, *manifests: Manifest) -> None:
        self.manifests.update((f"{m['kind']} {m['metadata']['name']}", m) for m in manifests)

    def _apply(self, *manifests: Manifest) -> None:
        self._remember(*manifests)
        self.unreadable -= {m["metadata"]["name"] for m in manifests}
        self.rig.apply(*manifests)

    def _refuse(self, operation: Operation) -> AviError | None:
        """Answer with an error if an operation makes, changes, or names for the first time, what is refused."""
        if isinstance(operation, Delete):
            return None
        item = operation.object
        names = item.fqdns if isinstance(item, VsVip) else (item.name,)
        fresh = [name for name in names if self.controller.observed.holder(name) is None]
        hosts = [host for avi_type, host in self.refused if avi_type in item.avi_type]
        return self.error() if any(host in name for host in hosts for name in fresh) else None

    # What can happen.

    def start(self, _: int) -> None:
        """Start the program, after the one before was killed."""
        found = [m for key, m in self.manifests.items() if key.partition(" ")[2] not in self.unreadable]
        broken = [self.manifests[f"Ingress {name}"] for name in self.unreadable]
        self.rig = Watched(*found, controller=self.controller, unreadable=broken, faults=[self._refuse], **self.flags)

    def plain(self, number: int) -> None:
        self._apply(ingress(f"i{number}", (f"h{number}.com", "/", "web:80")))

    def paths(self, number: int) -> None:
        paths = [(f"h{number}.com", path, "web:80") for path in ("/", "/x", "/y")]
        self._apply(ingress(f"i{number}", *paths))

    def secure(self, number: int) -> None:
        self._apply(ingress(f"i{number}", (f"h{number}.com", "/", "web:80"), tls={f"h{number}.com": "cert"}))

    def lb(self, number: int) -> None:
        self._apply(named(f"h{number}.com"))

    def delete(self, number: int) -> None:
        if (manifest := self.manifests.pop(f"Ingress i{number}", None)) is not None:
            self.unreadable.discard(f"i{number}")
            self.rig.delete(manifest)

    def spoil(self, number: int) -> None:
        if (manifest := self.manifests.get(f"Ingress i{number}")) is not None:
            self.unreadable.add(f"i{number}")
            self.rig.spoil(manifest)

    def lose_class(self, _: int) -> None:
        self._apply(NOT_DEFAULT)

    def regain_class(self, _: int) -> None:
        self._apply(CLASS)

    def servers(self, number: int) -> None:
        self._apply(endpoints("web", f"10.0.0.{1 + number}"))

    def garbage(self, number: int) -> None:
        self._apply(secret("cert", "garbage", "garbage") if number % 2 else tls_secret("cert"))

    def refuse(self, number: int) -> None:
        """Refuse everything that is made of a host."""
        self._refuse_from_now_on("", number)

    def refuse_groups(self, number: int) -> None:
        self._refuse_from_now_on("poolgroup", number)

    def refuse_certificates(self, number: int) -> None:
        self._refuse_from_now_on("sslkeyandcertificate", number)

    def _refuse_from_now_on(self, avi_type: str, number: int) -> None:
        self.refused.add((avi_type, f"h{number}.com"))
        of = AviForbidden if number == NUMBERS[-1] else AviRejected
        self.error = lambda: of("no", status=400)

    def be_away(self, number: int) -> None:
        self.refused.add(("", f"h{number}.com"))
        self.error = lambda: AviUnreachable("not now", status=503)

    def take_all(self, _: int) -> None:
        self.refused.clear()

    def sync(self, _: int) -> None:
        self.rig.sync()

    def confirm(self, _: int) -> None:
        self.rig.reconciler.confirm(self.rig.reconciler.held.id)

    def take_by_hand(self, number: int) -> None:
        """Somebody deletes something on the Controller, and a full sync finds that."""
        self.rig.settle()
        refs = sorted(self.controller.observed)
        users = {other for _, seen in self.controller.observed.items() for other in seen.object.references()}
        if free := [ref for ref in refs if ref not in users]:
            self.controller.observed.forget(free[number % len(free)])
            self.rig.sync()

    def wait(self, number: int) -> None:
        self.rig.wait(10.0**number / 10)


STEPS = (
    *("plain", "plain", "paths", "secure", "secure", "lb", "delete", "spoil", "spoil", "start"),
    *("lose_class", "regain_class", "servers", "garbage"),
    *("refuse", "refuse_groups", "refuse_certificates", "be_away", "take_all"),
    *("sync", "confirm", "take_by_hand", "wait"),
)
HISTORIES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from(NUMBERS), st.integers(0, 4)), min_size=8, max_size=16
)


REFUSED_CHILD = [
    *(("lose_class", 0, 0), ("confirm", 0, 0), ("secure", 2, 1), ("plain", 4, 1)),
    *(("refuse", 2, 1), ("regain_class", 0, 1), ("paths", 4, 1)),
]
"""A child and the VsVip are refused: nobody is redirected to the child, and its tree does not change."""

UNREADABLE = [("spoil", 0, 1), ("start", 0, 1), *(("paths", number, 1) for number in (1, 2, 3, 4, 5)), ("lb", 0, 1)]
"""Who is not known keeps what it has on a virtual service that others change, and a name that another asks for."""

HELD_NAME = [("lose_class", 0, 1), ("lb", 5, 1), ("lb", 2, 1)]
"""A name of what waits is asked for by another."""

HELD_TWICE = [("lb", 0, 1), ("lose_class", 0, 1), ("lb", 4, 0), ("regain_class", 4, 1)]
"""What waits in two trees waits no longer while one of them is being written."""


@settings(max_examples=share_of(60))
@example(steps=REFUSED_CHILD, reports_drift=True)
@example(steps=HELD_TWICE, reports_drift=True)
@example(steps=HELD_NAME, reports_drift=True)
@example(steps=UNREADABLE, reports_drift=False)
@given(steps=HISTORIES, reports_drift=st.booleans())
def test_what_is_proposed_is_what_a_complete_comparison_proposes(
    steps: Sequence[tuple[str, int, int]], reports_drift: bool
) -> None:
    """Also while some answers are not there yet."""
    history = History(reports_drift=reports_drift)
    for number in NUMBERS[:3]:
        history.plain(number)
    history.rig.settle()
    for step, number, answers in steps:
        getattr(history, step)(number)
        if answers:
            history.rig.settle()
        else:
            history.rig.turn()
    history.rig.settle()
    assert [faults.count for faults in history.rig.reconciler.faults] == [0, 0, 0]
