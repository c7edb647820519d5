"""What somebody asks for, as it is written: a host, a path on it, an object here or there, an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ako.core.base.refs import Kind, NamespacedName
from ako.core.hooks.records import is_address
from ako.core.model import WRITTEN_TYPES

SHORT_NAMES: Mapping[str, str] = {
    "ing": "ingress",
    "svc": "service",
    "ns": "namespace",
    "no": "node",
    "ep": "endpoints",
    "cm": "configmap",
    "sts": "statefulset",
    "oshiftroute": "route",
}
"""What kubectl calls kinds for short; and Routes as AKO writes them in messages."""

AVI_TYPES: Mapping[str, str] = {
    **{found.avi_type: found.avi_type for found in WRITTEN_TYPES},
    "vs": "virtualservice",
}

SHARED = "shared address "
"""What the name of an address that Services share is told with."""

_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_PORT = re.compile(r":\d+$")
_AFTER_PATH = re.compile(r"[?#].*", re.DOTALL)
"""What a browser shows after the path, and no rule asks for."""


class Question(Struct, frozen=True):
    """One reading of what was asked for; what does not apply is empty.

    Attributes:
        kinds: the kinds that it may be an object of.
        name: of that object; without a namespace it may be in any.
        shared: of an address that Services share.
        address: an IP address.
        host: a host name, in lower case.
        path: a path on that host, with its slash.
        avi_type: the type of an object on the Controller.
        avi_name: its name or uuid.
    """

    kinds: tuple[Kind, ...] = ()
    name: NamespacedName = NamespacedName("", "")
    shared: NamespacedName = NamespacedName("", "")
    address: str = ""
    host: str = ""
    path: str = ""
    avi_type: str = ""
    avi_name: str = ""


def readings(text: str, kinds: Iterable[Kind]) -> tuple[Question, ...]:
    """Give what may be meant, the likeliest first.

    Args:
        text: as it was asked; words may be apart by a blank.
        kinds: those that are watched.
    """
    asked = text.strip()
    found: list[Question] = []
    if is_address(asked.strip("[]")):
        return (Question(address=asked.strip("[]")),)
    if asked.lower().startswith(SHARED):
        return (Question(shared=NamespacedName(*asked[len(SHARED) :].strip().rpartition("/")[::2])),)
    first, _, rest = asked.replace(" ", "/").partition("/")
    word = first.lower()
    if rest and (meant := _kinds_called(word, kinds)):
        namespace, _, name = rest.strip("/").rpartition("/")
        found.append(Question(kinds=meant, name=NamespacedName(namespace, name)))
    if rest and word in AVI_TYPES:
        found.append(Question(avi_type=AVI_TYPES[word], avi_name=asked[len(first) + 1 :].strip()))
    if " " not in asked:
        host, slash, path = _AFTER_PATH.sub("", _SCHEME.sub("", asked)).partition("/")
        found.append(Question(host=_PORT.sub("", host).rstrip(".").lower(), path=f"{slash}{path}"))
        found.append(Question(avi_name=asked))
    return tuple(found)


def no_such_kind(text: str, kinds: Iterable[Kind]) -> str:
    """Say that what looks like KIND/NAME is of no kind that is watched, and which are; empty for anything else."""
    word, _, rest = text.strip().replace(" ", "/").partition("/")
    listed = tuple(kinds)
    if not rest or "." in word or word.lower() in AVI_TYPES or _kinds_called(word.lower(), listed):
        return ""
    return f"no kind is called {word} here; there are {', '.join(sorted({kind.name for kind in listed}))}."


def _kinds_called(word: str, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Give the kinds of a name: in full, for short, or in the plural."""
    singular = SHORT_NAMES.get(word, word)
    names = {singular, singular.removesuffix("s"), singular.removesuffix("es")}
    return tuple(dict.fromkeys(kind for kind in kinds if kind.name.lower() in names))
