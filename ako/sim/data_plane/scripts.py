"""Runs DataScripts: Lua, with the functions of `avi` that scripts of load balancers for clusters use.

Each run has a Lua of its own (some 50 µs), so that nothing is left over from the request before. What a script may
select is what its set refers to, as on a Controller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lupa import lua51

from ako.sim.data_plane import client_hello
from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.dialect import host_tokens, path_tokens
from ako.sim.data_plane.objects import Objects, by_index
from ako.sim.data_plane.outcomes import Balance, Close, Outcome, Respond
from ako.sim.data_plane.url_parts import redirected
from ako.sim.store import Json, Record

HTTP_REQUEST = "VS_DATASCRIPT_EVT_HTTP_REQ"
L4_REQUEST = "VS_DATASCRIPT_EVT_L4_REQUEST"

SCRIPT_ERRORS: tuple[type[Exception], ...] = (
    lua51.LuaError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a script ends with that is wrong, or asks for what its set does not refer to."""

_MOST_STEPS = 1_000_000
_MOST_MEMORY = 64 << 20

# What waits for bytes has to be Lua: a coroutine cannot be left through a function of another language.
_PRELUDE = """
local debug = debug
-- Whoever does not end is ended; then at each step, so that a script cannot go on by catching it.
local stop
function stop()
  debug.sethook(stop, "", 1)
  error("the script runs too long", 0)
end
local most_steps = most_steps
local function limited(script)
  return function()
    debug.sethook(stop, "", most_steps)
    return script()
  end
end
python, io, os, _G.debug, dofile, loadfile = nil, nil, nil, nil, nil, nil
avi = {http = {}, vs = {}, pool = {}, poolgroup = {}, l4 = {}}
for name, call in pairs(host) do
  local room, short = string.match(name, "^(%w+)%.([%w_]+)$")
  avi[room][short] = call
end
function avi.l4.collect(size) return coroutine.yield(size) end
if parser then
  local known = parser
  package.preload["Default-TLS"] = function() return known end
end
return limited
"""


@dataclass(slots=True)
class Run:
    """One run of the scripts of an event: what they were given, and what they have decided so far."""

    objects: Objects
    came: Came
    asked: Asked | None = None
    read: bytes = b""
    outcome: Outcome | None = None
    is_done: bool = False
    logged: list[str] = field(default_factory=list)
    failed: Exception | None = None


def scripts_of(objects: Objects, service: Record, event: str) -> list[tuple[Record, str]]:
    """Give the scripts of a virtual service for an event in order, each with the set it is in."""
    attached = by_index(service.data.get("vs_datascripts", ()))
    return [
        (holder, script["script"])
        for holder in objects.follow_all(entry["vs_datascript_set_ref"] for entry in attached)
        for script in holder.data.get("datascript", ())
        if script["evt"] == event
    ]


def run_http(objects: Objects, service: Record, asked: Asked) -> Run:
    """Run the scripts for an HTTP request until one has answered it.

    Raises:
        SCRIPT_ERRORS: for a script that fails.
    """
    run = Run(objects, asked.came, asked)
    for holder, text in scripts_of(objects, service, HTTP_REQUEST):
        _loaded(text, run, holder)()
        if isinstance(run.outcome, Respond | Close):
            break
    return run


class L4Script:
    """One script for the beginning of a connection: `step` runs it until it ends or wants more bytes."""

    def __init__(self, run: Run, holder: Record, text: str) -> None:
        self._run = run
        self._coroutine = _loaded(text, run, holder).coroutine()

    def step(self, read: bytes, collected: int | None) -> int | None:
        """Go on with what was read so far; give how many bytes it wants, None when it has ended.

        `collected` answers the last wish: how many there are, which are fewer where the client has ended.

        Raises:
            SCRIPT_ERRORS: for a script that fails.
        """
        self._run.read = read
        try:
            wanted = self._coroutine.send(collected)
        except StopIteration:  # it has ended without a value
            return None
        except lua51.LuaError as error:
            # Out of a coroutine comes no word of what a function of ours raised.
            if self._run.failed is not None and not str(error):
                raise self._run.failed from None
            raise
        return int(wanted) if self._coroutine else None


def _loaded(text: str, run: Run, holder: Record) -> Any:
    lua = lua51.LuaRuntime(
        encoding="latin-1", register_eval=False, unpack_returned_tuples=True, max_memory=_MOST_MEMORY
    )
    scope = lua.globals()
    scope.host = lua.table_from({name: _bridged(call, run) for name, call in _functions(run, holder).items()})
    names = {record.name for record in run.objects.follow_all(holder.data.get("protocol_parser_refs", ()))}
    scope.parser = lua.table_from(_TLS_PARSER) if "Default-TLS" in names else None
    scope.most_steps = _MOST_STEPS
    limited = lua.execute(_PRELUDE)
    scope.host = scope.parser = None
    return limited(lua.compile(text.encode()))


def _functions(run: Run, holder: Record) -> dict[str, Callable[..., Any]]:
    """Give the functions of `avi` by their names."""
    functions: dict[str, Callable[..., Any]] = {
        "poolgroup.select": lambda name, label=None: _select(run, holder, "pool_group_refs", name, label),
        "pool.select": lambda name, *_: _select(run, holder, "pool_refs", name, None),
        "vs.log": lambda *texts: run.logged.append(" ".join(map(str, texts))),
        "vs.close_conn": lambda *_: _decide(run, Close("a script")),
        "vs.port": lambda: str(run.came.port),
        "vs.ip": lambda: run.came.vip,
        "vs.client_ip": lambda: run.came.client,
        "l4.read": lambda size=None: run.read[: size or None],
        "l4.ds_done": lambda: _end(run),
    }
    return functions | ({} if run.asked is None else _http_functions(run, run.asked))


def _bridged(call: Callable[..., Any], run: Run) -> Callable[..., Any]:
    """Let a function take and give texts: a string of Lua is bytes, which come here as latin-1."""

    def bridged(*values: Any) -> Any:
        try:
            given = call(*(_text(value) if isinstance(value, str) else value for value in values))
        except Exception as error:
            run.failed = error
            raise
        return given.encode("utf-8", "surrogateescape") if isinstance(given, str) else given

    return bridged


def _text(value: Any) -> str:
    """Give what a script holds as text."""
    return str(value).encode("latin-1").decode("utf-8", "surrogateescape")


def _http_functions(run: Run, asked: Asked) -> dict[str, Callable[..., Any]]:
    def header(name: str, *_: Any) -> str | None:
        return next(iter(_now(run, asked).all_of(name)), None)

    def edited(name: str, value: Any, *, adds: bool = False) -> None:
        run.asked = _now(run, asked).with_header(name, None if value is None else str(value), adds=adds)

    def redirect(location: str, status: int = 302) -> None:
        _decide(run, Respond(int(status), (("Location", str(location)),)))

    def respond(status: int, headers: Any = None, body: str = "") -> None:
        given: Mapping[Any, Any] = dict(headers or {})
        sent = tuple((_text(name), _text(value)) for name, value in given.items())
        _decide(run, Respond(int(status), sent, body.encode("utf-8", "surrogateescape")))

    return {
        "http.get_host_tokens": lambda first=1, last=0: host_tokens(asked.header("host"), int(first), int(last)),
        "http.get_path_tokens": lambda first=1, last=0, *_: path_tokens(asked.path, int(first), int(last)),
        "http.hostname": lambda: asked.host,
        "http.host": lambda: asked.header("host"),
        "http.method": lambda: asked.method,
        "http.get_method": lambda: asked.method,
        "http.get_path": lambda *_: asked.path,
        "http.get_uri": lambda *_: asked.target,
        "http.get_query": lambda *_: asked.query,
        "http.protocol": lambda: "https" if asked.came.is_tls else "http",
        "http.secure": lambda: asked.came.is_tls,
        "http.get_header": header,
        "http.add_header": lambda name, value: edited(name, value, adds=True),
        "http.replace_header": edited,
        "http.remove_header": lambda name: edited(name, None),
        "http.redirect": redirect,
        "http.response": respond,
        "http.close_conn": lambda *_: _decide(run, Close("a script")),
        "http.redirect_to_https": lambda: redirect(redirected({"protocol": "HTTPS", "port": 443}, asked)),
    }


def _now(run: Run, asked: Asked) -> Asked:
    return run.asked or asked


def _select(run: Run, holder: Record, field_name: str, name: str, label: str | None) -> None:
    found = [one for one in run.objects.follow_all(holder.data.get(field_name, ())) if one.name == name]
    if not found:
        raise LookupError(f"{holder.name} refers to nothing named {name} in {field_name}")
    if not isinstance(run.outcome, Respond | Close):
        run.outcome = Balance(found[0], label)


def _decide(run: Run, outcome: Outcome) -> None:
    run.outcome = outcome


def _end(run: Run) -> None:
    run.is_done = True


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


_TLS_PARSER: Json = {
    "get_req_buffer_size": lambda hello: client_hello.record_size(_bytes(hello)),
    "sanity_check": lambda hello: client_hello.is_client_hello(_bytes(hello)),
    # A table in the real one: here the bytes, which OpenSSL reads when a part of it is asked for.
    "parse_record": lambda hello: hello,
    "get_sni": lambda hello: client_hello.server_name(_bytes(hello)),
}
