"""Which clients a network security policy lets in."""

from __future__ import annotations

from ako.sim.data_plane.asked import Came
from ako.sim.data_plane.dialect import lets_in_by_default
from ako.sim.data_plane.matching import holds_address, is_in
from ako.sim.data_plane.objects import NotModelledError, Objects, by_index
from ako.sim.store import Json, Record

_ACTION = "NETWORK_SECURITY_POLICY_ACTION_TYPE_"


def is_let_in(objects: Objects, service: Record, came: Came) -> bool:
    """Say whether a connection is accepted: as the first rule by index says that matches it.

    Raises:
        NotModelledError: for a match or an action that is not known here.
    """
    policy = objects.data(service.data, "network_security_policy_ref")
    for rule in by_index(policy.get("rules", ())):
        if _is_for(rule["match"], came, objects):
            action = rule["action"].removeprefix(_ACTION)
            if action not in {"ALLOW", "DENY"}:
                raise NotModelledError(f"network security action {action}")
            return bool(action == "ALLOW")
    return lets_in_by_default()


def turns_away(objects: Objects, service: Record, came: Came) -> str | None:
    """Give why a connection is not accepted, for the log; None where it is."""
    try:
        return None if is_let_in(objects, service, came) else "network security"
    except NotModelledError as unknown:
        return f"the data plane does not know: {unknown}"


def _is_for(match: Json, came: Came, objects: Objects) -> bool:
    unknown = match.keys() - {"client_ip", "vs_port"}
    if unknown:
        raise NotModelledError(f"network security match on {', '.join(sorted(unknown))}")
    if "client_ip" in match and not holds_address(match["client_ip"], came.client, objects):
        return False
    return "vs_port" not in match or is_in(match["vs_port"], came.port, match["vs_port"]["ports"])
