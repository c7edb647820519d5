"""Hosts, paths and queries that redirects and rewrites make of those of a request."""

from __future__ import annotations

from ako.sim.data_plane.asked import Asked
from ako.sim.data_plane.dialect import host_tokens, joined, path_tokens
from ako.sim.data_plane.objects import NotModelledError
from ako.sim.store import Json

_TO_THE_END = 65535
_PORTS = {"http": 80, "https": 443}


def redirected(action: Json, asked: Asked) -> str:
    """Give the location of a redirect."""
    protocol = action["protocol"].lower()
    host = param(action["host"], asked, in_host=True) if "host" in action else asked.host
    path = param(action["path"], asked, in_host=False) if "path" in action else asked.path
    port = action.get("port")
    shown = f":{port}" if port is not None and port != _PORTS[protocol] else ""
    return f"{protocol}://{host}{shown}{path}{_with_query(action, asked)}"


def rewritten_query(action: Json, asked: Asked) -> str:
    """Give the query of a rewritten request."""
    return _with_query(action, asked).removeprefix("?")


def param(wanted: Json, asked: Asked, *, in_host: bool) -> str:
    """Put a host or path together from tokens of the request and from texts."""
    return joined([_token(token, asked) for token in wanted["tokens"]], in_host=in_host)


def _token(token: Json, asked: Asked) -> str:
    kind = token["type"].removeprefix("URI_TOKEN_TYPE_")
    if kind == "STRING":
        return str(token.get("str_value", ""))
    if kind not in {"HOST", "PATH"}:
        raise NotModelledError(f"URI token {kind}")
    last = token.get("end_index", _TO_THE_END)
    first, last = token.get("start_index", 0) + 1, 0 if last == _TO_THE_END else last + 1
    found = host_tokens(asked.host, first, last) if kind == "HOST" else path_tokens(asked.path, first, last)
    return found or ""


def _with_query(action: Json, asked: Asked) -> str:
    parts = [asked.query if action.get("keep_query", True) else "", action.get("add_string", "")]
    query = "&".join(part for part in parts if part)
    return f"?{query}" if query else ""
