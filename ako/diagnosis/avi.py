"""Checks of an Avi Controller: is it there, does it let us in, has it what the settings name. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ako.core.avi.errors import AviError, AviRejected, AviUnreachable, AviVersionError
from ako.core.avi.session import AviSession, api_path
from ako.core.base.avi_version import NEWEST_KNOWN, parse_version
from ako.core.hooks.site import PUBLIC_CLOUDS, CloudFacts
from ako.core.model import OWNED_TYPES
from ako.core.observe.cloud import InvalidInput, read_cloud, rights_required
from ako.core.settings import Settings
from ako.diagnosis.clocks import clock
from ako.diagnosis.finding import Finding, made, ok, unknown, warning, wrong

_CLOUD = "cloud"
_PLACES = (
    ("ControllerSettings.tenantName", "tenant"),
    ("ControllerSettings.cloudName", _CLOUD),
    ("ipam_provider_ref", "IPAM"),
    ("NetworkSettings.", "networks"),
    ("ControllerSettings.vrfName", "VRF"),
    ("ControllerSettings.serviceEngineGroupName", "SE group"),
)
"""What a fault of the cloud begins with, and the check that it is of."""

_UP = "CLUSTER_UP"


class AviController:
    """Looks at the Controller of some settings.

    Args:
        session: with it.
        settings: in force; they name a Controller.
        now: the time of day, in seconds since 1970.

    Attributes:
        is_there: it answers, and lets us in.
        facts: what it knows of the cloud, once that was read.
    """

    def __init__(self, session: AviSession, settings: Settings, now: Callable[[], float]) -> None:
        self._session = session
        self._settings = settings
        self._now = now
        self.is_there = False
        self.facts: CloudFacts | None = None
        self._has_no_tenant = False

    def examine(self) -> Iterator[Finding]:
        """Say whether it lets us in, and if so all else."""
        url, user = self._settings.controller_settings.controller_host, self._settings.credentials.username
        tried = f"POST {url}/login as {user!r}"
        try:
            told = self._session.get("/api/initial-data")
        except AviVersionError as error:
            yield ok("avi", f"{url} answers")
            text, _, remedy = error.cause.rpartition(": ")
            yield wrong("avi version", text, _sentence(remedy))
            return
        except AviError as error:
            yield wrong("avi", f"{error.cause} (tried {tried})", _advice(error))
            return
        self.is_there = True
        yield ok("avi", f"{url} lets {user!r} in")
        yield self._version(str(json.loads(told)["version"]["Version"]))
        yield from clock("avi clock", self._session.date, self._now())
        yield from made("avi cluster", self._cluster)
        yield from made(_CLOUD, self._setup)
        yield from made("avi rights", self._rights)

    def _version(self, theirs: str) -> Finding:
        asked, used = self._settings.controller_settings.controller_version, self._session.version
        text = f"{theirs}, spoken to as {used}"
        if asked and parse_version(asked) > parse_version(theirs):
            remedy = "Leave ControllerSettings.controllerVersion empty, or write the version of the Controller."
            return warning("avi version", f"{text}; the settings ask for {asked}, which it does not have", remedy)
        if parse_version(theirs) > parse_version(NEWEST_KNOWN):
            return ok("avi version", f"{text}, the newest that is known here")
        return ok("avi version", text)

    def _cluster(self) -> Iterator[Finding]:
        try:
            state = str(json.loads(self._session.get("/api/cluster/runtime"))["cluster_state"]["state"])
        except (ValueError, KeyError, TypeError):
            yield unknown("avi cluster", "does not say its state")
            return
        if state.startswith(_UP):
            yield ok("avi cluster", state)
            return
        remedy = "See to the nodes of the Controller; it may refuse to write meanwhile."
        yield warning("avi cluster", f"its state is {state}", remedy)

    def _setup(self) -> Iterator[Finding]:
        """Say whether there is what the settings name, and what the cloud has to have."""
        faults: dict[str, list[str]] = {}
        try:
            with rights_required(self._session, self._settings):
                self.facts = read_cloud(self._session, self._settings)
        except InvalidInput as error:
            for fault in error.faults:
                faults.setdefault(_check_of(fault), []).append(fault)
        self._has_no_tenant = "tenant" in faults
        hidden = next((check for check in ("tenant", _CLOUD) if check in faults), "")
        if self.facts is not None:
            faults["networks"] = list(self._missing_networks(self.facts))
        for _, check in _PLACES:
            found = faults.get(check, ())
            yield from (wrong(check, *_parted(fault)) for fault in found)
            if not found and hidden and check != "tenant":
                yield unknown(check, f"cannot be looked for without the {hidden}")
            elif not found:
                yield ok(check, self._there(check))
        yield self._domains()

    def _missing_networks(self, cloud: CloudFacts) -> Iterator[str]:
        """Say which networks are not there beside the first, without which no cloud is taken."""
        further = self._settings.network_settings.vip_networks[1:] if cloud.type not in PUBLIC_CLOUDS else ()
        for name in dict.fromkeys(network.network_name for network in further):
            query = {"name": name, "cloud_ref.name": self._settings.controller_settings.cloud_name, "fields": "name"}
            if not json.loads(self._session.get(api_path("network"), params=query, tenant=cloud.tenant or None))[
                "count"
            ]:
                key = self._session.places.named("NetworkSettings.vipNetworkList")
                yield f"there is no network {name!r} in the cloud; correct the name in {key}, or create it there"

    def _rights(self) -> Iterator[Finding]:
        """Say which types of objects we may not read; whether we may write them cannot be seen without doing so."""
        if self._has_no_tenant:
            yield unknown("avi rights", "cannot be looked at without the tenant")
            return
        refused: list[str] = []
        for of in OWNED_TYPES:
            try:
                self._session.get(api_path(of.avi_type), params={"page_size": "1", "fields": "name"})
            except AviRejected as error:
                refused.append(f"{of.avi_type} ({error.cause})")
        tenant = self._settings.controller_settings.tenant_name
        if refused:
            yield wrong(
                "avi rights",
                f"{self._settings.credentials.username!r} may not read in tenant {tenant!r}: {', '.join(refused)}",
                "Give the user a role in this tenant that may read and write these types of objects.",
            )
        else:
            yield ok("avi rights", f"all types of objects may be read in tenant {tenant!r}; writing is not tried")

    def _there(self, check: str) -> str:
        """Say what is there of what a check looks for."""
        controller, network = self._settings.controller_settings, self._settings.network_settings
        said = {
            "tenant": repr(controller.tenant_name),
            _CLOUD: f"{controller.cloud_name!r}" + (f", of type {self.facts.type}" if self.facts else ""),
            "IPAM": self._profile(),
            "networks": ", ".join(repr(one.network_name) for one in network.vip_networks)
            or "none is named: any will do",
            "VRF": f"{self.facts.vrf!r}" if self.facts else "nothing wrong is known",
            "SE group": f"{controller.service_engine_group_name!r}",
        }
        return said[check]

    def _profile(self) -> str:
        if self.facts is None:
            return "nothing wrong is known"
        return "the cloud needs no profile" if self.facts.type in PUBLIC_CLOUDS else "the cloud has a profile"

    def _domains(self) -> Finding:
        check = "DNS profile"
        if self.facts is None:
            return unknown(check, "cannot be looked for before what is wrong with the cloud is mended")
        if not self.facts.domains:
            remedy = "Give the cloud a DNS profile with its domains, if the Avi Controller is to answer for the hosts."
            return warning(check, "the cloud serves no DNS domain: no host is registered in its DNS", remedy)
        return ok(check, f"serves {', '.join(self.facts.domains)}")


def _check_of(fault: str) -> str:
    return next((check for begin, check in _PLACES if fault.startswith(begin)), _CLOUD)


def _parted(fault: str) -> tuple[str, str]:
    """Part what is wrong from what to do."""
    text, semicolon, remedy = fault.rpartition("; ")
    return (text, _sentence(remedy)) if semicolon else (fault, "")


def _advice(error: AviError) -> str:
    """Give what to do about an error; the name of a setting stays as it is written."""
    if error.setting:
        return f"See {error.setting}{f': {error.remedy}' if error.remedy else ''}."
    if isinstance(error, AviUnreachable) and not error.remedy:
        return "See that the Controller is up and not overloaded, and that nothing on the way holds back what is sent."
    return _sentence(error.remedy)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
