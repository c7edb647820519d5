"""Refuses what no plugin has any business with while one is asked: threads, processes, sockets, files, waiting.

The interpreter tells an audit hook of each of these before it does it, and does not if that raises. What it is not told
of, such as `os._exit`, memory that is used up, or, before Python 3.13, `time.sleep`, is not refused.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from typing import Any

from ako.core.control.culprit import is_importing, is_plugins
from ako.core.hooks.calls import Calls
from ako.core.hooks.guard import HookRefused

_TOLD = {
    "it would change files": (
        "os.chmod os.chown os.link os.mkdir os.remove os.rename os.rmdir os.symlink os.truncate os.utime "
        "shutil.copyfile shutil.move shutil.rmtree tempfile.mkdtemp tempfile.mkstemp sqlite3.connect"
    ),
    "it would start a thread": "_thread.start_new_thread _thread.start_joinable_thread",
    "it would start a process": (
        "subprocess.Popen os.system os.exec os.fork os.forkpty os.posix_spawn os.spawn pty.spawn os.startfile"
    ),
    "it would send a signal": "os.kill os.killpg signal.pthread_kill",
    "it would use the network": (
        "socket.connect socket.getaddrinfo socket.gethostbyaddr socket.gethostbyname socket.getnameinfo "
        "socket.sendmsg socket.sendto"
    ),
    "it would go around Python": "ctypes.dlopen ctypes.dlsym ctypes.string_at ctypes.cdata ctypes.call_function",
    "it would wait": "time.sleep builtins.input",
    "it would change this process": (
        "os.chdir os.fchdir os.putenv os.unsetenv sys.addaudithook sys.setprofile sys.settrace"
    ),
}
REFUSED = {name: what for what, names in _TOLD.items() for name in names.split()}
"""What the interpreter tells of → what a plugin would do."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HEARD = frozenset((*REFUSED, "open"))


class Auditor:
    """Listens to the interpreter for as long as this process lives; once it listens, that cannot be undone."""

    def __init__(self) -> None:
        self._calls: Calls | None = None
        self._thread = 0
        sys.addaudithook(self._heard)
        if sys.version_info < (3, 13):
            _have_threads_told()

    def watch(self, calls: Calls | None) -> None:
        """Refuse from now on what plugins do that are asked on this thread; None: nothing more."""
        self._thread = threading.get_ident()
        self._calls = calls

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        calls = self._calls
        if calls is None or event not in _HEARD or threading.get_ident() != self._thread:
            return
        asked = calls.current
        what = _what(event, arguments) if asked is not None else ""
        if asked is None or not what:
            return
        frame = sys._getframe(1)  # noqa: SLF001 - the one way to know who is at work
        if frame.f_globals is globals() and frame.f_back is not None:
            frame = frame.f_back  # it was told here, for the interpreter
        if is_plugins(frame) and not is_importing(frame):  # which keeps what it compiled for the next time
            asked.refused = f"{what} ({event}), which no hook may"
            raise HookRefused(asked.refused)


def _what(event: str, arguments: tuple[Any, ...]) -> str:
    """Say what would be done, empty if that is allowed: files may be read, as whoever imports does."""
    if event != "open":
        return REFUSED[event]
    _, mode, flags = (*arguments, None, None)[:3]
    writes = (isinstance(mode, str) and not set(mode).isdisjoint("wax+")) or bool((flags or 0) & _WRITING)
    return "it would write a file" if writes else ""


def _have_threads_told() -> None:
    """Have the interpreter told of new threads where it does not tell of them itself, as 3.11 does not."""
    start = vars(threading)["_start_new_thread"]

    def told(*arguments: Any) -> Any:
        sys.audit("_thread.start_new_thread", *arguments)
        return start(*arguments)

    vars(threading)["_start_new_thread"] = told


@cache
def auditor() -> Auditor:
    """Give the one of this process."""
    return Auditor()
