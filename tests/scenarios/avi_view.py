"""A reading of the configuration on an Avi Controller, references followed; made anew for every poll."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import parse_qs

from tests.scenarios.scenario import JsonObject

REFERENCE = re.compile(r"/api/(?P<type>[a-z0-9]+)/?(?P<uuid>[^/?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<name>.*))?$")


class AviView:
    """The objects of an Avi Controller by type and name; a type is fetched when it is first asked for."""

    def __init__(self, fetch: Callable[[str], Sequence[JsonObject]]) -> None:
        self._fetch = fetch
        self._collections: dict[str, Sequence[JsonObject]] = {}

    def all(self, type: str) -> Sequence[JsonObject]:  # noqa: A002 - the field's word
        """Give every object of a type."""
        if type not in self._collections:
            self._collections[type] = self._fetch(type)
        return self._collections[type]

    def find(self, type: str, name: str) -> JsonObject | None:  # noqa: A002 - the field's word
        """Give the object of that type and name, or None."""
        return next((item for item in self.all(type) if item.get("name") == name), None)

    def follow(self, reference: str) -> JsonObject | None:
        """Give the object that a reference points to: by uuid, by `?name=`; None if it dangles."""
        parts = REFERENCE.search(reference)
        if parts is None:
            raise ValueError(f"{reference!r} is not a reference to an Avi object")
        names = parse_qs(parts["query"] or "").get("name", [])
        if names:
            return self.find(parts["type"], names[0])
        return next((item for item in self.all(parts["type"]) if item.get("uuid") == parts["uuid"]), None)

    def follow_all(self, references: Iterable[str | None]) -> list[JsonObject]:
        """Give the objects that references point to, each once, in order; a missing or dangling one is left out."""
        found = [self.follow(reference) for reference in references if reference]
        return list({item["uuid"]: item for item in found if item is not None}.values())

    def name_of(self, reference: str | None) -> str | None:
        """Give the name of what a reference points to; a dangling one is named as such."""
        if not reference:
            return None
        item = self.follow(reference)
        return f"<dangling: {reference}>" if item is None else str(item["name"])

    def names_of(self, references: Iterable[str | None]) -> list[str]:
        """Give the names of what references point to, sorted."""
        return sorted(name for name in map(self.name_of, references) if name is not None)

    def address_of(self, vsvip: str) -> str | None:
        """Give the address that the Controller gave to the VsVip of that name."""
        item = self.find("vsvip", vsvip)
        vips = item.get("vip", []) if item else []
        return vips[0].get("ip_address", {}).get("addr") if vips else None
