"""The exceptions of the core.

AkoError
├── SettingsError        (core.settings) settings that cannot be used; every fault in one report
├── PluginError          a plugin that cannot be loaded: the process does not start
└── AviError             (core.avi.errors) the Avi Controller refused or did not answer

`core.engine.cells.Unknown` is none of these: it says that something is not known, which is a state and not a fault.
Nor is `ToldToEnd`, which a handler of a signal raises.
"""

from __future__ import annotations


class AkoError(Exception):
    """Anything that ends a command with a message instead of a stack trace."""


class PluginError(AkoError):
    """A plugin cannot be loaded; says which, why and what to do."""


class ToldToEnd(SystemExit):
    """A signal ends the process in good order; whatever else is a `SystemExit` in a plugin is that one's fault."""


class Tampered(SystemExit):
    """The program is not what it was: it ends with 1, writes nothing more, and is to be started anew."""

    def __init__(self) -> None:
        super().__init__(1)
