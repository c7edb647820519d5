"""What DataScripts call: the functions of `avi` that read, edit, choose and answer, as the vendor's pages have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlencode

from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.dialect import answer_stands, host_tokens, path_tokens, secure_word
from ako.sim.data_plane.matching import compares, is_within
from ako.sim.data_plane.objects import NotModelledError, Objects
from ako.sim.data_plane.outcomes import Balance, Close, Outcome, Respond
from ako.sim.store import Record

_CRITERIA = {"equals": "EQUALS", "beginswith": "BEGINS_WITH", "endswith": "ENDS_WITH", "contains": "CONTAINS"}
_OF_REQUEST = (None, 1)
"""Contexts that mean the request: none, and `avi.HTTP_REQUEST`."""


@dataclass(slots=True)
class Run:
    """One run of the scripts of an event: what they were given, and what they have decided so far."""

    objects: Objects
    came: Came
    service: str
    asked: Asked | None = None
    read: bytes = b""
    outcome: Outcome | None = None
    is_done: bool = False
    logged: list[str] = field(default_factory=list)
    kept: dict[Any, Any] = field(default_factory=dict)
    failed: Exception | None = None


def functions(run: Run, holder: Record) -> dict[str, Callable[..., Any]]:
    """Give the functions by their names, for a script of a set."""
    found: dict[str, Callable[..., Any]] = {
        "poolgroup.select": lambda name, label=None: _select(run, holder, "pool_group_refs", name, label),
        "pool.select": lambda name, server=None, *_: _select_pool(run, holder, name, server),
        "vs.log": lambda *texts: run.logged.append(" ".join(map(str, texts))),
        "vs.close_conn": lambda *_: _decide(run, Close("a script")),
        "vs.name": lambda: run.service,
        "vs.port": lambda: str(run.came.port),
        "vs.ip": lambda: run.came.vip,
        "vs.client_ip": lambda: run.came.client,
        "reqvar.get": run.kept.get,
        "reqvar.set": lambda name, value: _keep(run, name, value),
        "l4.read": lambda size=None: run.read[: size or None],
        "l4.ds_done": lambda: _end(run),
    }
    found |= _groups(run, holder)
    if run.asked is None:
        return found
    return found | _reading(run, run.asked) | _editing(run, run.asked) | _answering(run)


def text_of(value: Any) -> str:
    """Give what a script holds as text."""
    return str(value).encode("latin-1").decode("utf-8", "surrogateescape")


def _groups(run: Run, holder: Record) -> dict[str, Callable[..., Any]]:
    """Give the functions that look into groups of texts and of addresses."""

    def looks(criterion: str, *, folds: bool) -> Callable[[str, Any], tuple[str | None, bool]]:
        def found(name: str, text: Any) -> tuple[str | None, bool]:
            pairs = _referred(run, holder, "string_group_refs", name).data.get("kv", ())
            fitting = [pair for pair in pairs if compares(criterion, [str(text)], [pair["key"]], folds=folds)]
            # Of several that fit, the shortest counts.
            return min(fitting, key=lambda pair: len(pair["key"])).get("value") if fitting else None, bool(fitting)

        return found

    def contains(name: str, address: str) -> bool:
        return is_within(_referred(run, holder, "ipgroup_refs", name).data, address)

    texts = {
        f"stringgroup.{name}{suffix}": looks(criterion, folds=not suffix)
        for name, criterion in _CRITERIA.items()
        for suffix in ("", "_CASE")
    }
    return {"ipgroup.contains": contains, **texts}


def _reading(run: Run, asked: Asked) -> dict[str, Callable[..., Any]]:
    """Give the functions that read a request: as it came, but for headers and cookies, which may have been edited."""

    def header(name: Any = None, context: Any = None) -> Any:
        if not isinstance(name, str):
            name, context = None, name if context is None else context
        _check(context)
        headers = _now(run, asked).headers
        if name is None:
            return dict(reversed(headers))
        return next((value for key, value in headers if _folded(key) == _folded(name)), None)

    def query(name: Any = None, decodes: Any = None) -> Any:
        if name is None:
            return _decoded(asked.query) if decodes else asked.query
        return _argument(asked.query, name, decodes=bool(decodes)) if isinstance(name, str) else _arguments(asked.query)

    def cookie(name: str, context: Any = None) -> str | None:
        _check(context)
        return _now(run, asked).cookie(name)

    def hosts(*some: Any) -> Any:
        is_named = bool(some) and some[0] in {"ORIGINAL", "MODIFIED"}
        read = _now(run, asked) if is_named and some[0] == "MODIFIED" else asked
        return _sliced(host_tokens, read.header("host"), ".", some[1:] if is_named else some)

    return {
        "http.get_host_tokens": hosts,
        "http.get_path_tokens": lambda *some: _sliced(path_tokens, asked.path, "/", some),
        "http.hostname": lambda: asked.host or asked.came.server_name or None,
        "http.host": lambda: asked.header("host") or None,
        "http.method": lambda: asked.method,
        "http.get_path": lambda decodes=None: asked.path if decodes is False else _decoded(asked.path),
        "http.get_uri": lambda decodes=None: asked.target if decodes is False else _decoded(asked.target),
        "http.get_query": query,
        "http.protocol": lambda: "https" if asked.came.is_tls else "http",
        "http.scheme": lambda: "https://" if asked.came.is_tls else "http://",
        "http.secure": lambda: secure_word(is_tls=asked.came.is_tls),
        "http.get_header": header,
        "http.get_cookie": cookie,
        "http.cookie_exists": lambda name, context=None: cookie(name, context) is not None,
    }


def _editing(run: Run, asked: Asked) -> dict[str, Callable[..., Any]]:
    """Give the functions that edit a request for what comes after the script."""

    def edited(name: str, value: Any, *, adds: bool = False) -> None:
        run.asked = _now(run, asked).with_header(name, None if value is None else str(value), adds=adds)

    def set_path(path: Any) -> None:
        run.asked = replace(_now(run, asked), path=str(path))

    def set_query(query: Any) -> None:
        if not isinstance(query, str | int | float):
            query = urlencode([(text_of(name), text_of(value)) for name, value in query.items()])
        run.asked = replace(_now(run, asked), query=str(query))

    def set_uri(uri: Any) -> None:
        path, _, query = str(uri).partition("?")
        set_path(path)
        set_query(query)

    return {
        "http.add_header": lambda name, value: edited(name, value, adds=True),
        "http.replace_header": edited,
        "http.remove_header": lambda name: edited(name, None),
        "http.set_path": set_path,
        "http.set_uri": set_uri,
        "http.set_query": set_query,
    }


def _answering(run: Run) -> dict[str, Callable[..., Any]]:
    """Give the functions that answer in the place of a server."""

    def redirect(location: str, status: Any = None) -> None:
        _decide(run, Respond(int(status or 302), (("Location", str(location)),)))

    def respond(status: Any, headers: Any = None, body: Any = None) -> None:
        given = {text_of(name).replace("_", "-"): text_of(value) for name, value in dict(headers or {}).items()}
        if body is not None and not any(name.lower() == "content-type" for name in given):
            given["Content-Type"] = "text/plain"
        content = b"" if body is None else str(body).encode("utf-8", "surrogateescape")
        _decide(run, Respond(int(status), tuple(given.items()), content))

    return {
        "http.redirect": redirect,
        "http.response": respond,
        "http.close_conn": lambda *_: _decide(run, Close("a script")),
    }


def _now(run: Run, asked: Asked) -> Asked:
    return run.asked or asked


def _check(context: Any) -> None:
    if context not in _OF_REQUEST:
        raise LookupError(f"{context} is no context that there is before the response")


def _sliced(tokens: Callable[[str, int, int], str | None], text: str, between: str, some: tuple[Any, ...]) -> Any:
    """Give tokens as a text, or, where nobody says which, all of them as a list."""
    if not some:
        whole = tokens(text, 1, 0)
        return [] if whole is None else whole.split(between)
    return tokens(text, int(some[0] or 1), int(some[1] or 0) if len(some) > 1 else 0)


def _folded(name: str) -> str:
    """Give the name of a header as scripts compare it: without case, and `_` is as good as `-`."""
    return name.lower().replace("_", "-")


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def _arguments(query: str) -> dict[str, Any]:
    """Give the arguments of a query, decoded: true for one without a value, a list for one that is there again."""
    found: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, is_given, value = part.partition("=")
        one: Any = _decoded(value) if is_given else True
        known = found.get(_decoded(name))
        found[_decoded(name)] = one if known is None else [*(known if isinstance(known, list) else [known]), one]
    return found


def _argument(query: str, name: str, *, decodes: bool) -> Any:
    """Give the first value of an argument, as it was sent unless told otherwise."""
    for part in query.split("&"):
        found, is_given, value = part.partition("=")
        if found and _decoded(found) == name:
            return (_decoded(value) if decodes else value) if is_given else True
    return None


def _select_pool(run: Run, holder: Record, name: str, server: Any) -> None:
    if server is not None:
        raise NotModelledError("avi.pool.select of one server")
    _select(run, holder, "pool_refs", name, None)


def _select(run: Run, holder: Record, field_name: str, name: str, label: str | None) -> None:
    target = _referred(run, holder, field_name, name)
    if not isinstance(run.outcome, Respond | Close):
        run.outcome = Balance(target, label)


def _referred(run: Run, holder: Record, field_name: str, name: str) -> Record:
    for found in run.objects.follow_all(holder.data.get(field_name, ())):
        if found.name == name:
            return found
    raise LookupError(f"{holder.name} refers to nothing named {name} in {field_name}")


def _decide(run: Run, outcome: Outcome) -> None:
    if not (answer_stands() and isinstance(run.outcome, Respond | Close)):
        run.outcome = outcome


def _end(run: Run) -> None:
    run.is_done = True


def _keep(run: Run, name: Any, value: Any) -> None:
    """Keep a variable for the scripts after this one; each has a Lua of its own, so that tables cannot be."""
    if not isinstance(value, str | int | float | bool | None):
        raise NotModelledError(f"avi.vs.reqvar.{name} that is no text, number or boolean")
    run.kept[name] = value
