"""The cells: what is measured, with Go AKO's figures and our targets beside it."""

from __future__ import annotations

from msgspec import Struct


class Peer(Struct, frozen=True):
    """Go AKO's figures (texts, as measured) and our targets; None where there is none.

    Times in seconds: until all hosts are on the Controller, from there until all statuses are written, and until a new
    Ingress right after that is on the Controller; memory in MiB.
    """

    figures: str
    programmed: float | None = None
    statuses: float | None = None
    newcomer: float | None = None
    memory: float | None = None


class Cell(Struct, frozen=True):
    """A start with hosts already there, then single changes."""

    hosts: int
    latency_ms: int
    is_secure: bool = False
    shards: int = 8
    peer: Peer = Peer("")

    @property
    def name(self) -> str:
        """Give the name to ask for it by."""
        return f"{'secure' if self.is_secure else 'insecure'}-{self.hosts}-{self.latency_ms}ms"


CELLS = (
    Cell(100, 0, peer=Peer("0.7 s; 4 s; 3.3 s; 66 MiB", 1.5, 0.5, 0.5, 110)),
    Cell(100, 20, peer=Peer("1.5 s; 5 s; 3.8 s; 69 MiB", 1.5, 0.5, 0.5)),
    Cell(500, 0, peer=Peer("1.7-2.8 s; 23 s; 42 s; 96 MiB", 2.0, 1.0, 0.5)),
    Cell(500, 20, peer=Peer("4.9 s; 24 s; 41 s; 94 MiB", 2.5, 1.0, 0.5)),
    Cell(2000, 0, peer=Peer("8-11 s; 97 s; 190 s; 212 MiB", 5.0, 4.0, 1.0, 150)),
    Cell(2000, 20, peer=Peer("13.8 s; 97 s; 187 s; 199 MiB", 6.0, 4.0, 1.0)),
    Cell(500, 0, is_secure=True, peer=Peer("4.4 s; <=53 s; 49 s; 104 MiB", 6.0, 1.0, 1.0)),
    Cell(500, 20, is_secure=True, peer=Peer("9.3 s; <=63 s; 54 s; 103 MiB", 6.0, 1.0, 1.0)),
    Cell(10000, 0, shards=16, peer=Peer("", memory=300)),
)
