"""What the source of a plugin shows that plugins have no business with: I/O, clocks, chance, what is not public."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import ako

_IO = (
    "_io _posixsubprocess _signal _socket _thread aiohttp asyncio atexit bdb boto3 builtins cmd code codeop "
    "concurrent ctypes curses dbm dns faulthandler fcntl fileinput ftplib gc getpass glob grp grpc http httpx "
    "imaplib importlib io kubernetes linecache logging mailbox mmap multiprocessing nntplib os paramiko pathlib pdb "
    "pickle pkgutil platform poplib posix profile pty pwd queue random redis requests resource runpy sched secrets "
    "select selectors shelve shutil signal site smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig "
    "syslog tempfile termios threading time trace tracemalloc tty urllib urllib3 uuid webbrowser websockets xmlrpc "
    "zipfile zipimport "
)
IO_MODULES = frozenset(_IO.split())
"""A plugin has no client, no thread, no clock, no randomness, no environment and no log of its own."""

PURE_PARTS = frozenset({"urllib.parse", "http.HTTPStatus", "uuid.UUID", "uuid.uuid3", "uuid.uuid5"})
"""What of these modules only computes."""

BUILTINS: Mapping[str, str] = {
    "__import__": "imports what nobody sees; write an import statement",
    "breakpoint": "waits for somebody at a terminal; take it out",
    "compile": "makes code that nobody sees; write it down",
    "eval": "runs code that nobody sees; write it down",
    "exec": "runs code that nobody sees; write it down",
    "exit": "ends the program; give a Problem, or raise ako.Unknown",
    "input": "waits for somebody at a terminal; use a setting",
    "open": "reads a file; watch a ConfigMap, or use a setting",
    "print": "writes to the output of the program; give a Problem, or raise ako.Unknown",
    "quit": "ends the program; give a Problem, or raise ako.Unknown",
}
_CLOCKS = frozenset({"now", "today", "utcnow"})


def source_faults(path: Path, package: str) -> Iterator[str]:
    """Name everything in a plugin's file that a plugin must not have, each with its line and what to do instead.

    Args:
        path: of the file.
        package: the plugin's own package, of which it may import everything.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    shown = f"{path.parent.name}/{path.name}" if path.name == "__init__.py" else path.name
    own = {name for node in ast.walk(tree) for name in _bound(node)}
    for node in ast.walk(tree):
        faults = (*_import_faults(node, package), *_call_faults(node, own))
        yield from (f"{shown}:{getattr(node, 'lineno', 0)}: {fault}" for fault in faults)


def _bound(node: ast.AST) -> Iterator[str]:
    """Give the names that something binds, which so are no builtins any more."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name


def _import_faults(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _module_faults(alias.name, package)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        if node.module == "ako":
            private = (alias.name for alias in node.names if alias.name not in {*ako.__all__, "*"})
            yield from (f"ako.{name} is not public; import what `ako` exports" for name in private)
        elif not all(f"{node.module}.{alias.name}" in PURE_PARTS for alias in node.names):
            yield from _module_faults(node.module, package)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _is_private(node):
        yield f"ako.{node.attr} is not public; use what `ako` exports"


def _is_private(node: ast.Attribute) -> bool:
    is_ours = isinstance(node.value, ast.Name) and node.value.id == "ako"
    return is_ours and node.attr not in {*ako.__all__, "__name__", "__version__"}


def _module_faults(name: str, package: str) -> Iterator[str]:
    root = name.partition(".")[0]
    is_own = name == package or name.startswith(f"{package}.")
    if is_own or name in PURE_PARTS:
        return
    if root in IO_MODULES:
        yield f"{name} does I/O, or is a clock or chance; what a plugin needs arrives as an argument, or is a setting"
    elif root == "ako" and name != "ako":
        yield f"{name} is not public; import from ako"


def _call_faults(node: ast.AST, own: set[str]) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in BUILTINS and name not in own:
            yield f"{name} {BUILTINS[name]}"
        case ast.Name(id="__builtins__" | "__loader__" | "__spec__" as name):
            yield f"{name} leads to what is not public; import what `ako` exports"
        case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id=of) | ast.Attribute(attr=of))) if name in _CLOCKS:
            if of in {"datetime", "date"}:
                yield f"{of}.{name}() is a clock; use ako.Moment in a status, or raise ako.Unknown until it is known"
        case ast.Call(func=ast.Attribute(attr="ask"), args=[ast.Lambda(), *_]):
            yield "a query that is a lambda is another one each time it is asked; write a function of the module"
