"""What is promised to whoever asks for paths of hosts, in as few words as can be: the reference for the objects. Pure.

Nothing here knows of Avi, or of how the product says any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

PLAIN, NONE, ALLOW, REDIRECT = "plain", "None", "Allow", "Redirect"
EXACT, PREFIX, TEXT = "Exact", "Prefix", "ImplementationSpecific"
AKO, KUBERNETES = "ako", "kubernetes"
TO_TLS = "a redirect to TLS"


class Asked(NamedTuple):
    """A path that an object asks for: `age` orders them all, the oldest first; `policy` is that of its TLS, if any."""

    host: str
    path: str
    kind: str
    policy: str
    age: tuple[object, ...]
    backend: str


def promised(mode: str, asked: Iterable[Asked], scheme: str, host: str, path: str) -> str:
    """Say who answers a request: a backend, a redirect, or nobody (an empty text)."""
    known = [one for one in asked if one.policy != PLAIN or scheme == "http"]
    mine = [one for one in known if one.host == _name(host.lower(), {one.host for one in known})]
    over_tls = _oldest([one for one in mine if one.policy != PLAIN], mode, folds=False)
    if scheme == "https":
        return _first(over_tls, over_tls, mode, path, is_plain=False)
    redirects = [one._replace(backend=TO_TLS) for one in over_tls if one.policy == REDIRECT]
    served = [one for one in mine if one.policy in {PLAIN, ALLOW}]
    if not served:
        return TO_TLS if redirects else ""
    folds = mode == AKO
    return _first(_oldest([*served, *redirects], mode, folds=folds), served + redirects, mode, path, is_plain=True)


def _name(host: str, names: set[str]) -> str:
    """Give the name that decides: the host itself, else the longest domain above it."""
    above = [name for name in names if name[:2] == "*." and host.endswith(name[1:])]
    return host if host in names else max(above, key=len, default="")


def _path(one: Asked, mode: str, *, folds: bool) -> tuple[str, bool]:
    """Give what makes two paths one: slashes at the end of a prefix by elements mean nothing."""
    by_elements = mode == KUBERNETES and one.kind == PREFIX and one.path
    path = (one.path.rstrip("/") or "/") if by_elements else one.path
    return (path.lower() if folds else path), one.kind == EXACT


def _oldest(asked: Iterable[Asked], mode: str, *, folds: bool) -> list[Asked]:
    """Give the oldest of each path."""
    found: dict[tuple[str, bool], Asked] = {}
    for one in sorted(asked, key=lambda one: one.age):
        found.setdefault(_path(one, mode, folds=folds), one)
    return list(found.values())


def _first(asked: Iterable[Asked], beside: Sequence[Asked], mode: str, path: str, *, is_plain: bool) -> str:
    """Give who has the longest path that a request's is like, an exact one before a prefix."""
    folds = is_plain and mode == AKO
    prefixes = {_path(one, mode, folds=folds)[0] for one in beside if one.kind != EXACT}
    text = path.lower() if folds else path
    fitting: list[tuple[int, bool, str]] = []
    for one in asked:
        wanted, is_exact = _path(one, mode, folds=folds)
        if is_exact and not (folds and wanted not in prefixes):
            fits = text == wanted
        elif mode == KUBERNETES and one.kind == PREFIX:
            fits = text == wanted or text.startswith(wanted.rstrip("/") + "/")
        else:
            fits = text.startswith(wanted)
        fitting += [(len(wanted), is_exact, one.backend)] if fits else []
    return max(fitting, default=(0, False, ""))[2]
