"""What becomes of a request, or of a connection, at a virtual service: policies, scripts, then its own pool."""

from __future__ import annotations

from collections.abc import Generator

from ako.sim.data_plane import scripts
from ako.sim.data_plane.asked import Asked, Came
from ako.sim.data_plane.dialect import NO_POOL, SCRIPT_FAILED, domain_fits, script_may_choose
from ako.sim.data_plane.matching import holds_address, is_in
from ako.sim.data_plane.objects import NotModelledError, Objects, by_index
from ako.sim.data_plane.outcomes import Balance, Close, Decided, Outcome, Respond, unknown
from ako.sim.data_plane.policies import judge
from ako.sim.data_plane.script_functions import Run
from ako.sim.store import Json, Record


def child_for(objects: Objects, parent: Record, server_name: str) -> Record | None:
    """Give the child that a client hello is for: the one whose domain name fits best."""
    best: tuple[int, Record] | None = None
    for child in objects.children(parent.uuid):
        fits = max((domain_fits(name, server_name) for name in child.data.get("vh_domain_name", ())), default=0)
        if fits and child.data.get("enabled", True) and (best is None or fits > best[0]):
            best = fits, child
    return best[1] if best else None


def decide(objects: Objects, service: Record, asked: Asked) -> Decided:
    """Say what becomes of an HTTP request."""
    try:
        judged = judge(objects, service, asked)
        if judged.outcome is not None and not script_may_choose(was_switched=True):
            return Decided(judged.outcome, judged.asked, judged.by)
        run = scripts.run_http(objects, service, judged.asked)
    except NotModelledError as what:
        return Decided(unknown(what), asked, (str(what),))
    except scripts.SCRIPT_ERRORS as failed:
        return Decided(Respond(SCRIPT_FAILED), asked, (f"script failed: {failed}",))
    outcome = run.outcome or _default(objects, service) or Respond(NO_POOL)
    return Decided(outcome, run.asked or judged.asked, (*judged.by, *run.logged))


def decide_l4(
    objects: Objects, service: Record, came: Came, protocol: str
) -> Generator[int, tuple[bytes, int], tuple[Outcome, tuple[str, ...]]]:
    """Say what becomes of a connection; yields how many of its first bytes are wanted, is sent those there are.

    Returns what becomes of it, and the rules or log lines that say why.
    """
    logged: tuple[str, ...] = ()
    try:
        for holder, text in scripts.scripts_of(objects, service, scripts.L4_REQUEST):
            run = Run(objects, came, service.name)
            yield from _stepped(scripts.L4Script(run, holder, text), run)
            logged += tuple(run.logged)
            if run.outcome is not None:
                return run.outcome, logged
        chosen = _by_rule(objects, service, came, protocol)
    except NotModelledError as what:
        return Close(f"the data plane does not know: {what}"), logged
    except scripts.SCRIPT_ERRORS as failed:
        return Close(f"script failed: {failed}"), logged
    return chosen or _default(objects, service) or Close("no pool"), logged


def _stepped(script: scripts.L4Script, run: Run) -> Generator[int, tuple[bytes, int], None]:
    wanted = script.step(b"", None)
    while wanted is not None and not run.is_done:
        read, collected = yield wanted
        wanted = script.step(read, collected)


def _by_rule(objects: Objects, service: Record, came: Came, protocol: str) -> Outcome | None:
    """Give the pool of the first L4 rule for a connection, None if there is none."""
    for attached in by_index(service.data.get("l4_policies", ())):
        policy = objects.data(attached, "l4_policy_set_ref").get("l4_connection_policy", {})
        for rule in by_index(policy.get("rules", ())):
            if not _is_for(rule.get("match", {}), came, protocol, objects):
                continue
            choice = rule.get("action", {}).get("select_pool")
            if choice is None:
                continue
            is_group = choice["action_type"] == "L4_RULE_ACTION_SELECT_POOLGROUP"
            target = objects.follow(choice.get("pool_group_ref" if is_group else "pool_ref"))
            return Balance(target) if target is not None else Close("a rule without a pool")
    return None


def _is_for(match: Json, came: Came, protocol: str, objects: Objects) -> bool:
    unknown = match.keys() - {"client_ip", "port", "protocol"}
    if unknown:
        raise NotModelledError(f"L4 match on {', '.join(sorted(unknown))}")
    if "client_ip" in match and not holds_address(match["client_ip"], came.client, objects):
        return False
    if "protocol" in match and not is_in(match["protocol"], f"PROTOCOL_{protocol}", [match["protocol"]["protocol"]]):
        return False
    if "port" not in match:
        return True
    wanted = match["port"]
    ranges = [range(one["start"], one["end"] + 1) for one in wanted.get("port_ranges", ())]
    inside = came.port in wanted.get("ports", ()) or any(came.port in one for one in ranges)
    return inside is (wanted["match_criteria"] == "IS_IN")


def _default(objects: Objects, service: Record) -> Outcome | None:
    """Give the pool or pool group of the virtual service itself."""
    for name in ("pool_ref", "pool_group_ref"):
        if (target := objects.follow(service.data.get(name))) is not None:
            return Balance(target)
    return None
