"""Something that clients ask, and whether they were answered rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.traffic.asking import Asked
from tests.traffic.mutations.bench import Bench


@dataclass(frozen=True)
class Question:
    """Something that clients ask.

    Attributes:
        name: for people.
        faults: asks, and says what was wrong.
        of: if given, the only field whose mutations it is for, as it takes long.
    """

    name: str
    faults: Callable[[Bench], Iterator[str]]
    of: str = ""

    def fault(self, bench: Bench) -> str:
        """Ask; give what was wrong first, empty if nothing was."""
        try:
            bench.forget()
            return next(self.faults(bench), "")
        except Exception as problem:  # noqa: BLE001 - no answer, or one that breaks its protocol
            return f"no answer: {problem!r}"


def told(asked: Asked) -> str:
    """Tell a request in a line."""
    host = f" Host {asked.host}" if asked.host != asked.to else ""
    more = [f" from {asked.client}" if asked.client else "", " without SNI" if asked.sni == "" else "", host]
    if asked.scheme in {"tcp", "udp"}:
        return f"{asked.scheme} {asked.to}:{asked.asked_port}{''.join(more)}"
    return f"{asked.method} {asked.scheme}://{asked.to}{asked.path}{''.join(more)}"
