"""What plugins say when somebody asks: whether an object is for us, and what is no server. Told, and not kept."""

from __future__ import annotations

from msgspec import Struct


class Whose(Struct, frozen=True):
    """Whether a source object is for us, and why.

    Attributes:
        why: what decides it, on one line: a field and its value.
        remedy: what would change that, where it is not ours.
        is_ours: it is processed.
    """

    why: str
    remedy: str = ""
    is_ours: bool = False


class LeftOut(Struct, frozen=True):
    """What could be a server of a backend and is none, or is one that cannot be reached.

    Without an address and a node it is about the whole Service.

    Attributes:
        why: on one line.
        remedy: what would bring it in; empty where nothing has to be done.
        address: IP address, or whatever is written in the place of one.
        pod: `<namespace>/<name>`, as far as that is known.
        node: where it is.
    """

    why: str
    remedy: str = ""
    address: str = ""
    pod: str = ""
    node: str = ""
