"""Who stands by while plugins are asked, and what is raised in a hook that is to end or does what it must not.

Nothing in this folder has the clock and the signals for that: `control/hook_limit.py` has.
"""

from __future__ import annotations

from typing import Protocol


class HookOverrun(BaseException):
    """Raised in a hook that has not answered in time; no `except Exception` of the plugin's takes it."""


class HookRefused(PermissionError):  # noqa: N818 - no error of ours
    """Raised in a hook that does what plugins have no business with; its text says what.

    Libraries clear up after errors of this kind; the plugin's fault it is also if it lets that pass.
    """


class Guard(Protocol):
    """Stands by while plugins are asked."""

    def begin(self) -> None:
        """Take notice: from now on a plugin is asked, and `Calls.review` wants to be called in the middle of it."""

    def state(self) -> object:
        """Give how this process is, before a plugin of others is asked."""

    def put_back(self, before: object) -> str:
        """Have this process as it was; say what the plugin changed, empty if nothing."""

    def is_signal(self, fault: BaseException) -> bool:
        """Say whether something was raised to end the process, and not by a plugin."""

    def hurry(self) -> None:
        """Have `Calls.review` called at once; any thread may ask for it, and a signal handler."""


class _Unguarded:
    """Where nobody stands by nothing is ended; what took long is told afterwards."""

    def begin(self) -> None:
        """Do nothing."""

    def state(self) -> object:
        """Look at nothing."""
        return None

    def put_back(self, before: object) -> str:  # noqa: ARG002 - the name is that of the protocol
        """Look at nothing."""
        return ""

    def is_signal(self, fault: BaseException) -> bool:
        """Take Ctrl-C for what it is."""
        return isinstance(fault, KeyboardInterrupt)

    def hurry(self) -> None:
        """Do nothing."""


UNGUARDED: Guard = _Unguarded()
