"""Renders stored objects as the bytes of an answer: references become URLs of the host that was asked.

Objects are kept encoded; the plain answer is one replacement over those bytes. Leaving out defaults, fields, or what
an older API version does not know takes the slower way over the object itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from ako.sim.schema import Schema, Version
from ako.sim.store import Json, Record, Store, mark

_REFERENCE = re.compile(rb'"\\u0001([a-z0-9]+)/([^"]*)"')


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is to look."""

    base: str
    version: Version
    with_names: bool = False
    skip_default: bool = False
    fields: frozenset[str] | None = None
    runtime: bool = False
    written: bool = False


class Renderer:
    """Turns records into JSON."""

    def __init__(self, schema: Schema, store: Store, controller: Version) -> None:
        self._schema = schema
        self._store = store
        self._controller = controller

    def one(self, record: Record, view: View) -> bytes:
        """Render one object."""
        plain = view.version == self._controller and not view.skip_default and view.fields is None
        extra = {} if view.written else self._added_on_read(record)
        if plain and not view.runtime and not (view.written and record.kind == "sslkeyandcertificate"):
            encoded = record.encoded
            if extra:
                encoded = encoded[:-1] + b"," + msgspec.json.encode(extra)[1:]
        else:
            encoded = msgspec.json.encode(self._shaped(record, {**record.data, **extra}, view))
        return self.text(encoded, view)

    def text(self, encoded: bytes, view: View) -> bytes:
        """Put the host, and names if asked for, into encoded objects."""
        prefix = b'"' + view.base.encode() + b"/api/"
        if not view.with_names:
            return encoded.replace(b'"\\u0001', prefix)
        suffixes = self._store.name_suffixes

        def url(found: re.Match[bytes]) -> bytes:
            kind, uuid = found.groups()
            return b'%s%s/%s%s"' % (prefix, kind, uuid, suffixes.get(uuid, b""))

        return _REFERENCE.sub(url, encoded)

    def plain(self, record: Record) -> Json:
        """Return an object as it would be read with names, as a dictionary with relative URLs."""
        view = View("", self._controller, with_names=True)
        decoded: Json = msgspec.json.decode(self.one(record, view))
        return decoded

    def _added_on_read(self, record: Record) -> Json:
        """Return what only reading shows: back-pointers and operational state."""
        if record.kind == "vsvip":
            users = [user for user in self._store.referrers(record.uuid) if user.kind == "virtualservice"]
            return {"vs_refs": [mark(user.kind, user.uuid) for user in users]} if users else {}
        if record.kind == "virtualservice":
            added: Json = {"version": "1", "self_se_election": True, "marked_for_delete": False}
            if "vsvip_ref" in record.data:
                wanted = {"num_se": 1, "num_standby_se": 0}
                added["vip_runtime"] = [{"vip_id": "0", "num_additional_se": 0, "requested_resource": wanted}]
            return added
        return {}

    def _shaped(self, record: Record, data: Json, view: View) -> Json:
        kind = self._schema.kinds[record.kind]
        if view.written and record.kind == "sslkeyandcertificate":
            # The answer to a write leaves out the PEM text; reading shows it.
            shown = {key: value for key, value in data["certificate"].items() if key != "certificate"}
            data = {**data, "certificate": shown}
        if not kind.is_open and (view.version != self._controller or view.skip_default):
            data = self._pruned(kind.model, data, view)
        if view.fields is not None:
            data = {key: value for key, value in data.items() if key in view.fields}
        if view.runtime:
            data = {**data, "runtime": runtime_of(record)}
        return data

    def _pruned(self, model: str, data: Json, view: View) -> Json:
        known = self._schema.types[model]
        kept: Json = {}
        for name, value in data.items():
            described = known.get(name)
            if described is None:
                kept[name] = value
                continue
            if not described.known_to(view.version) and not described.readonly:
                continue
            if view.skip_default and described.spec.get("default") == value and not described.spec.get("required"):
                continue
            if described.base == "object":
                kept[name] = self._pruned_value(described.target, value, view)
            else:
                kept[name] = value
        return self._with_legacy(model, kept, view)

    def _pruned_value(self, model: str, value: Any, view: View) -> Any:
        if isinstance(value, list):
            return [self._pruned(model, item, view) for item in value]
        return self._pruned(model, value, view)

    @staticmethod
    def _with_legacy(model: str, data: Json, view: View) -> Json:
        # Seen in answers to requests without a version, which get the oldest data model.
        if model == "Pool" and view.version[:2] <= (16, 4):
            data["server_count"] = len(data.get("servers", ()))
        return data


def runtime_of(record: Record) -> Json:
    """Return the operational state of an object."""
    state = "OPER_UP" if record.data.get("enabled", True) else "OPER_DISABLED"
    oper_status = {"state": state, "reason": [], "last_changed_time": {"secs": 0, "usecs": 0}}
    runtime: Json = {"uuid": record.uuid, "name": record.name, "oper_status": oper_status}
    if record.kind == "virtualservice":
        runtime |= {"percent_ses_up": 100, "vip_summary": [{"vip_id": "0", "oper_status": oper_status}]}
    return runtime
