"""The simulated Controller behind its HTTP face: configuration, singletons and logins, as one thing to reset."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ako.sim.ipam import AddressBook
from ako.sim.options import Baseline, SimulatorOptions
from ako.sim.problems import ApiError, refuse
from ako.sim.queries import Queries
from ako.sim.references import ADMIN
from ako.sim.rendering import Renderer
from ako.sim.schema import Schema, Version, parse_version
from ako.sim.seed import Seeder
from ako.sim.sessions import Sessions
from ako.sim.singletons import Singletons
from ako.sim.state import Objects, records_of
from ako.sim.store import Record, Store
from ako.sim.validation import Validator
from ako.sim.writes import Scope, Writer

# What a request without X-Avi-Version gets: the oldest data model.
OLDEST: Version = (16, 4, 2)


@dataclass(frozen=True, slots=True)
class Backup:
    """The configuration of a Controller at some time."""

    records: tuple[Record, ...]
    addresses: AddressBook


class Controller:
    """Everything that a reset puts back to the baseline."""

    def __init__(self, schema: Schema, options: SimulatorOptions) -> None:
        self.schema = schema
        self.options = options
        self.version = parse_version(options.version)
        self.store = Store()
        self.renderer = Renderer(schema, self.store, self.version)
        self.writer = Writer(schema, self.store, self.renderer, self.version)
        self.queries = Queries(schema, self.store, self.writer.resolver)
        self.singletons = Singletons(options.version)
        self.sessions = Sessions(options.username, options.password)
        scope = Scope(ADMIN, self.validator(self.version), system=True)
        baseline = options.baseline or Baseline()
        Seeder(schema, self.store, self.writer, scope).furnish(baseline, self.version)
        self.singletons.merge("cluster_runtime", baseline.cluster_runtime)
        self.singletons.merge("systemconfiguration", baseline.systemconfiguration)
        self.note_system_configuration()

    def backup(self) -> Backup:
        """Return the configuration as it is now, to be put back later."""
        with self.store.lock:
            return Backup(self.store.records(), self.writer.addresses.copied())

    def restore(self, backup: Backup) -> None:
        """Put a configuration back that was there before; as after any restart, everybody has to log in again."""
        with self.store.lock:
            self.sessions.expire_all()
            self.store.put_back(backup.records)
            self.writer.addresses = backup.addresses.copied()

    def take_over(self, objects: Objects) -> None:
        """Hold the objects of another Controller instead of those there are; the addresses of VsVips are taken.

        ApiError for objects that cannot be held.
        """
        with self.store.lock:
            records = records_of(self.schema, objects, self.store)
            self.restore(Backup(tuple(records), AddressBook(self.store)))
            for record in records:
                cloud = self.store.get("cloud", record.cloud)
                if record.kind == "vsvip" and cloud is not None:
                    self.writer.addresses.note(record.uuid, record.data, cloud)

    def validator(self, version: Version) -> Validator:
        """Return the checks for an API version."""
        return _validator(self.schema, self.version, version, self.options.lenient)

    def note_system_configuration(self) -> None:
        """Let take effect what the system configuration says."""
        portal = self.singletons.read("systemconfiguration").get("portal_configuration", {})
        self.sessions.allow_basic = bool(portal.get("allow_basic_authentication"))

    def api_version(self, header: str | None) -> Version:
        """Return the version a request asks for; ApiError for none, or one newer than the Controller."""
        if header is None:
            return OLDEST
        if header == self.options.version:
            return self.version
        try:
            version = parse_version(header)
        except ValueError:
            raise refuse(400, f"Invalid version {header!r} in X-Avi-Version") from None
        if version > self.version:
            raise refuse(400, f"Invalid version {header}: this Controller has {self.options.version}")
        return version

    def tenant(self, headers: dict[str, str], method: str) -> str:
        """Return the uuid of the tenant a request is for, ``*`` for all of them."""
        uuid, name = headers.get("x-avi-tenant-uuid"), headers.get("x-avi-tenant")
        if uuid is not None:
            if self.store.get("tenant", uuid) is None:
                raise self._no_tenant(uuid)
            return uuid
        if name is None or name == ADMIN:
            return ADMIN
        if name == "*":
            if method != "GET":
                raise refuse(400, "Tenant * is for reading only")
            return "*"
        found = self.store.named("tenant", name)
        if not found:
            raise self._no_tenant(name)
        return found[0].uuid

    @staticmethod
    def _no_tenant(name: str) -> ApiError:
        return refuse(403, f"Tenant '{name}' does not exist!")


@functools.cache
def _validator(schema: Schema, controller: Version, version: Version, lenient: bool) -> Validator:
    """Compile the checks once, for all simulators of a process."""
    return Validator(schema, controller, version, lenient=lenient)
