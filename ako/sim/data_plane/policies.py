"""What the policy sets of a virtual service make of a request, and of a response: in the order of their indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ako.sim.data_plane.asked import Asked, Header
from ako.sim.data_plane.dialect import (
    NO_POOL,
    edits_with_redirect,
    ends_rules,
    ends_security,
    replaces_absent,
)
from ako.sim.data_plane.matching import matches, matches_response
from ako.sim.data_plane.objects import NotModelledError, Objects, by_index
from ako.sim.data_plane.outcomes import Balance, Close, Outcome, Respond
from ako.sim.data_plane.url_parts import param, redirected, rewritten_query
from ako.sim.store import Json, Record


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules said: an outcome, or None where they leave it to what comes after them."""

    outcome: Outcome | None
    asked: Asked
    by: tuple[str, ...] = ()


def judge(objects: Objects, service: Record, asked: Asked) -> Judged:
    """Ask the security rules of all policy sets, then the request rules of all of them.

    Raises:
        NotModelledError: for a match or an action that is not known here.
    """
    for name, rule in _rules(objects, service, "http_security_policy"):
        if "action" not in rule or not matches(rule.get("match", {}), asked, objects):
            continue
        if outcome := _secured(rule["action"], asked):
            return Judged(outcome, asked, (name,))
        if ends_security(is_allowed=True):
            break
    by: list[str] = []
    for name, rule in _rules(objects, service, "http_request_policy"):
        if not matches(rule.get("match", {}), asked, objects):
            continue
        by.append(name)
        outcome, asked = _acted(objects, rule, asked)
        if ends_rules(is_redirect="redirect_action" in rule, is_switch="switching_action" in rule):
            return Judged(outcome, asked, tuple(by))
    return Judged(None, asked, tuple(by))


def judge_response(
    objects: Objects, service: Record, asked: Asked, status: int, headers: Sequence[Header]
) -> list[Header]:
    """Give the headers of a response as the response rules leave them."""
    left = list(headers)
    for _, rule in _rules(objects, service, "http_response_policy"):
        if matches_response(rule.get("match", {}), asked, status, left, objects):
            if "loc_hdr_action" in rule:
                raise NotModelledError("rewriting of Location")
            for action in rule.get("hdr_action", ()):
                left = _edited(action, left, asked)
    return left


def _rules(objects: Objects, service: Record, kind: str) -> Iterator[tuple[str, Json]]:
    """Give the rules of a kind, each with its name."""
    for attached in by_index(service.data.get("http_policies", ())):
        policy = objects.follow(attached["http_policy_set_ref"])
        for rule in by_index(policy.data.get(kind, {}).get("rules", ()) if policy else ()):
            yield f"{policy.name}/{rule['name']}" if policy else "", rule


def _acted(objects: Objects, rule: Json, asked: Asked) -> tuple[Outcome | None, Asked]:
    """Do what a request rule says; headers and rewrites first, so that what is forwarded has them."""
    redirect = rule.get("redirect_action")
    if not redirect or edits_with_redirect():
        for action in rule.get("hdr_action", ()):
            asked = replace(asked, headers=tuple(_edited(action, asked.headers, asked)))
    if redirect:
        status = int(redirect.get("status_code", "_302").rpartition("_")[2])
        return Respond(status, (("Location", redirected(redirect, asked)),)), asked
    if rewrite := rule.get("rewrite_url_action"):
        asked = _rewritten(rewrite, asked)
    switch = rule.get("switching_action")
    return (_switched(objects, switch) if switch else None), asked


def _switched(objects: Objects, switch: Json) -> Outcome:
    action = switch["action"].removeprefix("HTTP_SWITCHING_SELECT_")
    if action == "LOCAL":
        status = switch.get("other_status_code") or int(switch.get("status_code", "_200").rpartition("_")[2])
        return _local(status, switch.get("file"))
    if "server" in switch:
        raise NotModelledError("switching to one server")
    target = objects.follow(switch.get("pool_ref" if action == "POOL" else "pool_group_ref"))
    return Balance(target) if target is not None else Respond(NO_POOL)


def _local(status: int, file: Json | None) -> Respond:
    if not file:
        return Respond(status)
    return Respond(status, (("Content-Type", file["content_type"]),), file["file_content"].encode())


def _secured(action: Json, asked: Asked) -> Outcome | None:
    """Give what a security rule does; None where it lets the request on."""
    kind = action["action"].removeprefix("HTTP_SECURITY_ACTION_")
    if kind == "ALLOW":
        return None
    if kind == "CLOSE_CONN":
        return Close("a security rule")
    if kind == "SEND_RESPONSE":
        return _local(int(action.get("status_code", "_403").rpartition("_")[2]), action.get("file"))
    if kind == "REDIRECT_TO_HTTPS":
        target = {"protocol": "HTTPS", "port": action.get("https_port")}
        return Respond(302, (("Location", redirected(target, asked)),))
    raise NotModelledError(f"security action {kind}")


def _rewritten(action: Json, asked: Asked) -> Asked:
    path = param(action["path"], asked, in_host=False) if "path" in action else asked.path
    query = rewritten_query(action["query"], asked) if "query" in action else asked.query
    host = param(action["host_hdr"], asked, in_host=True) if "host_hdr" in action else None
    asked = replace(asked, path=path, query=query)
    return asked if host is None else asked.with_header("Host", host)


def _edited(action: Json, headers: Sequence[Header], asked: Asked) -> list[Header]:
    """Add, replace or remove a header."""
    if "cookie" in action:
        raise NotModelledError("header action on a cookie")
    kind, header = action["action"].removeprefix("HTTP_").removesuffix("_HDR"), action.get("hdr", {})
    name = header.get("name", "")
    if not name:
        raise NotModelledError("header action without a header")
    value = _value(header.get("value", {}), asked)
    if kind == "ADD":
        return [*headers, (name, value)]
    kept = [one for one in headers if one[0].lower() != name.lower()]
    if kind == "REMOVE" or (len(kept) == len(headers) and not replaces_absent()):
        return kept
    return [*kept, (name, value)]


def _value(wanted: Json, asked: Asked) -> str:
    variables = {
        "CLIENT_IP": asked.came.client,
        "SOURCE_IP": asked.came.client,
        "VS_IP": asked.came.vip,
        "VS_PORT": str(asked.came.port),
        "SSL_SERVER_NAME": asked.came.server_name,
    }
    if "var" not in wanted:
        return str(wanted.get("val", ""))
    name = wanted["var"].removeprefix("HTTP_POLICY_VAR_")
    if name == "HTTP_HDR":
        return asked.header(wanted.get("val", ""))
    if name not in variables:
        raise NotModelledError(f"policy variable {name}")
    return variables[name]
