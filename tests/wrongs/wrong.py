"""One thing that a plugin does wrong, what is seen of it, and what holds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Held(Enum):
    """How a wrong is held; in each case others are served, and nothing is deleted."""

    FAULT = "the answer counts as unknown, and what was good last stays"
    SUSPENDED = "the call is ended and the plugin suspended, and what was good last stays"
    REFUSED = "the program does not start, with a line that names the plugin; what is served stays"
    RESTARTED = "the process ends or hangs and is started again"
    BORNE = "it is borne: it costs what the plugin serves, and nothing else"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One of them.

    Attributes:
        name: of the plugin, and of its kind in lower case.
        does: what it does, in words.
        code: what its hook does when an object asks for it, in the words of `author.MODULE`.
        always: what its hook does before that, each time.
        hook: where.
        module: all of its text, where it has nothing of that.
        top: what stands at the top of its module.
        bottom: what stands at the end of it, for what is wrong from the start.
        says: what the log says of it, after plugin, hook and object; in it `…` stands for anything. Of what is refused:
            the line at the end.
        held: how it is held.
        limit: what limits it where nothing can be done, and what an operator does.
        contract: what the contract suite says of it; empty: what the log says.
        unseen: why the contract suite cannot see it; empty: it can.
        exit: the exit code of what is refused.
        ends: the exit code of what ends by itself, minus the signal; 0 if it does not.
    """

    name: str
    does: str
    code: str = ""
    always: str = ""
    module: str = ""
    hook: str = "ako_discover"
    top: str = ""
    bottom: str = ""
    says: str
    held: Held = Held.FAULT
    limit: str = ""
    contract: str = ""
    unseen: str = ""
    exit: int = 64
    ends: int = 0

    @property
    def kind_name(self) -> str:
        """Give the name of its kind of objects."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def host(self) -> str:
        """Give the host that its object asks for."""
        return f"{self.name.replace('_', '-')}.com"

    @property
    def shown(self) -> str:
        """Give what is wrong, as it is written."""
        return "\n".join(filter(None, (self.module, self.top, self.always, self.code, self.bottom))).strip()
