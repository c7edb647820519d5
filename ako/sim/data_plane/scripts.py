"""Runs DataScripts: Lua, with the functions of `avi` that scripts of load balancers for clusters use.

Each run has a Lua of its own (some 50 µs), so that nothing is left over from the request before. What a script may
select is what its set refers to, as on a Controller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lupa import lua51

from ako.sim.data_plane import client_hello
from ako.sim.data_plane.asked import Asked
from ako.sim.data_plane.objects import Objects, by_index
from ako.sim.data_plane.outcomes import Close, Respond
from ako.sim.data_plane.script_functions import Run, functions, text_of
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
local find = find
avi = {
  HTTP_REQUEST = 1, HTTP_RESPONSE = 2, QUERY_TABLE = 1,
  HTTP_MOVED_PERMANENTLY = 301, HTTP_MOVED_TEMPORARILY = 302, HTTP_TEMPORARY_REDIRECT = 307,
}
-- Functions are handed over when they are asked for; what is not there is named, also where a script only looks.
local function strict(name, of, found)
  return setmetatable(of, {__index = function(_, key)
    local value = found and found(name .. "." .. tostring(key))
    if value == nil then error("there is no avi" .. name .. "." .. tostring(key), 2) end
    rawset(of, key, value)
    return value
  end})
end
for _, room in ipairs({"http", "vs", "pool", "poolgroup", "stringgroup", "ipgroup", "l4"}) do
  avi[room] = strict("." .. room, {}, find)
end
strict("", avi)
function avi.l4.collect(size) return coroutine.yield(size) end
avi.vs.reqvar = setmetatable({}, {
  __index = function(_, name) return find(".reqvar.get")(name) end,
  __newindex = function(_, name, value) find(".reqvar.set")(name, value) end,
})
function string.contains(source, target) return string.find(source, target, 1, true) ~= nil end
function string.beginswith(source, target) return string.sub(source, 1, #target) == target end
function string.endswith(source, target) return #target == 0 or string.sub(source, -#target) == target end
if parser then
  local known = parser
  package.preload["Default-TLS"] = function() return known end
end
return limited
"""


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
    run = Run(objects, asked.came, service.name, asked)
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
    calls = functions(run, holder)

    def find(name: str) -> Callable[..., Any] | None:
        call = calls.get(name.removeprefix("."))
        return None if call is None else _bridged(lua, call, run)

    scope.find = find
    names = {record.name for record in run.objects.follow_all(holder.data.get("protocol_parser_refs", ()))}
    scope.parser = lua.table_from(_TLS_PARSER) if "Default-TLS" in names else None
    scope.most_steps = _MOST_STEPS
    limited = lua.execute(_PRELUDE)
    scope.find = scope.parser = None
    return limited(lua.compile(text.encode()))


def _bridged(lua: Any, call: Callable[..., Any], run: Run) -> Callable[..., Any]:
    """Let a function take and give texts: a string of Lua is bytes, which come here as latin-1."""

    def bridged(*values: Any) -> Any:
        try:
            return _given(lua, call(*(text_of(value) if isinstance(value, str) else value for value in values)))
        except Exception as error:
            run.failed = error
            raise

    return bridged


def _given(lua: Any, value: Any) -> Any:
    """Give a value to Lua: lists and mappings as tables, a tuple as several values."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, tuple):
        return tuple(_given(lua, one) for one in value)
    if isinstance(value, list):
        return lua.table_from([_given(lua, one) for one in value])
    if isinstance(value, dict):
        return lua.table_from({_given(lua, key): _given(lua, one) for key, one in value.items()})
    return value


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


_TLS_PARSER: Json = {
    "get_req_buffer_size": lambda hello: client_hello.record_size(_bytes(hello)),
    "sanity_check": lambda hello: client_hello.is_client_hello(_bytes(hello)),
    # A table in the real one: here the bytes, which OpenSSL reads when a part of it is asked for.
    "parse_record": lambda hello: hello,
    "get_sni": lambda hello: client_hello.server_name(_bytes(hello)),
}
