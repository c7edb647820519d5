"""What a check found, as values: every form of it is made of these."""

from __future__ import annotations

from msgspec import Struct

from ako.core.explain.answer import Fault


class Finding(Fault, frozen=True, kw_only=True):
    """A fault, and where it is written.

    Attributes:
        file: as it was given or found in a folder that was; empty where it is in none, such as a variable.
        line: from 1; 0 without a file.
    """

    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Give file and line as editors know them."""
        return f"{self.file}:{self.line}" if self.file else "settings"


class Checked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object that was looked at.

    Attributes:
        about: such as `Ingress/default/shop`.
        file, line: where it begins.
        why_not_ours: what decides that it is not for us; empty if it is.
    """

    about: str
    file: str
    line: int
    why_not_ours: str = ""


class Report(Struct, frozen=True, kw_only=True):
    """Everything a check found.

    Attributes:
        findings: by file and line.
        objects: those that may ask for something, by file and line.
        notes: what was assumed, and what could not be looked at.
    """

    findings: tuple[Finding, ...] = ()
    objects: tuple[Checked, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def not_ours(self) -> tuple[Checked, ...]:
        """Give the objects that ask for nothing here: of another class, another type, another namespace."""
        return tuple(found for found in self.objects if found.why_not_ours)


def by_place(found: Finding | Checked) -> tuple[str, int, str]:
    """Give the key by which people read it."""
    return (found.file, found.line, found.about)
