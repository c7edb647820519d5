"""An answer in its reading form: the verdict first, then what is wrong and what to do, then the chain. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set

from ako.core.base.wording import some_of
from ako.core.explain.answer import (
    Answer,
    CertificateTold,
    Fault,
    HostTold,
    ObjectTold,
    PathTold,
    PoolTold,
    RuleTold,
    ServerTold,
    SourceTold,
)
from ako.core.explain.certificate_text import signed_by
from ako.core.explain.outline import Line, Tone

HOSTS_AT_MOST, SERVERS_AT_MOST = 10, 20
"""How many hosts, and how many servers, are named."""

_STATES = {"live": Tone.GOOD, "pending": Tone.WARNING, "kept": Tone.WARNING, "rejected": Tone.BAD}
_OBJECTS = {"there": Tone.PLAIN, "not asked": Tone.FAINT, "refused": Tone.BAD}


def outline_of(answer: Answer) -> tuple[Line, ...]:
    """Give an answer as lines within lines, in the order in which they are read."""
    lines: list[Line] = []
    if answer.asked_of:
        at = f", at {answer.at}" if answer.at else ""
        lines.append(Line("answered by", f"{answer.asked_of}{at}", Tone.FAINT))
    if not answer.is_found:
        lines.append(_not_found(answer))
    lines += map(_source, answer.sources)
    lines += map(_host, answer.hosts)
    lines += map(_object, answer.objects)
    lines += (Line("note", note, Tone.WARNING) for note in answer.notes)
    return tuple(lines)


def _not_found(answer: Answer) -> Line:
    near = tuple(Line("", name, asks=name) for name in answer.near)
    text = "nothing of that name is known; there is:" if near else "nothing of that name is known"
    return Line(answer.question, text, Tone.BAD, lines=near)


def _source(told: SourceTold) -> Line:
    """Tell of an object; beside a fault, why it is ours would be taken for the reason of that."""
    lines = [*map(_fault, told.problems)]
    lines += (Line("host", f"{host}: {state}", _STATES[state], asks=host) for host, state in told.hosts)
    lines += _users(told.used_by)
    text, tone, why = _standing(told)
    if told.why and not why:
        lines.append(Line("why", told.why, Tone.FAINT))
    return Line(told.source, f"{text}: {why}" if why else text, tone, told.remedy, asks=told.source, lines=tuple(lines))


def _standing(told: SourceTold) -> tuple[str, Tone, str]:
    """Give in a word what an object is to us, with what decides that."""
    states = {state for _, state in told.hosts}
    if told.doubt:
        return "not known", Tone.WARNING, told.doubt
    if not told.is_ours:
        return ("needed by what is ours", Tone.PLAIN, told.why) if told.used_by else _foreign(told)
    if told.problems:
        return "ours, and something is wrong with it", Tone.BAD, ""
    if states == {"live"}:
        return "ours, and live", Tone.GOOD, told.why
    return "ours" if states or told.used_by else "ours, and asks for nothing", Tone.PLAIN, told.why


def _foreign(told: SourceTold) -> tuple[str, Tone, str]:
    return "not ours", Tone.BAD if told.problems else Tone.WARNING, told.why


def _users(users: tuple[str, ...]) -> Iterator[Line]:
    if users:
        shown = tuple(Line("", user, asks=user) for user in users[:HOSTS_AT_MOST])
        rest = _rest(len(users) - HOSTS_AT_MOST)
        yield Line("used by", f"{len(users)}", lines=(*shown, *rest))


def _fault(fault: Fault) -> Line:
    return Line("wrong", f"{fault.about}: {fault.reason}: {fault.message}", Tone.BAD, fault.remedy, asks=fault.about)


def _host(told: HostTold) -> Line:
    return Line(told.host, told.verdict, _STATES[told.state], asks=told.host, lines=tuple(_chain(told)))


def _chain(told: HostTold) -> Iterator[Line]:
    yield from map(_fault, told.problems)
    yield from (Line("waits", words, Tone.WARNING) for words in told.waits)
    yield from (Line("note", words) for words in told.notes)
    yield from _claims(told)
    if told.certificate is not None:
        yield _certificate(told.certificate)
    if told.virtual_service:
        yield _virtual_service(told)
    if told.shard is not None:
        yield Line("shard", f"{told.shard.number}: {told.shard.why}.")
    if told.addresses:
        yield Line("address", ", ".join(told.addresses), asks=told.addresses[0])
    yield from map(_rule, told.rules)
    yield from map(_pool, told.pools)
    if told.objects:
        yield _objects(told.objects)


def _claims(told: HostTold) -> Iterator[Line]:
    """Tell who asks for a host; what is told as wrong already is not told with each path again."""
    known = {words for fault in told.problems for words in (fault.message, fault.explanation)}
    verb = "served" if told.state == "live" else "to be served"
    for claim in told.claims:
        tone = Tone.PLAIN if claim.verdict == "wins" else Tone.WARNING
        verdict = f" {claim.verdict}" if len(told.claims) > 1 else ""
        since = f", created {claim.created}" if claim.created else ""
        secret = f", TLS by {claim.secret}" if claim.secret else ""
        paths = tuple(_path(path, verb, known) for path in claim.paths)
        yield Line("claim", f"{claim.source}{verdict}{since}{secret}", tone, asks=claim.source, lines=paths)


def _path(path: PathTold, verb: str, known: Set[str]) -> Line:
    services = ", ".join(path.services) or "nothing"
    what = path.path if path.path_type == "port" else f"{path.path or 'the whole host'} ({path.path_type})"
    redirects = ", to which plain HTTP is redirected" if path.redirects else ""
    served = f"{verb} over {' and '.join(path.served)}{redirects}" if path.served else "not served"
    taken = f"; {path.taken_by} has it" if path.taken_by else ""
    why = f": {path.why_not}" if path.why_not and path.why_not not in known else ""
    is_whole = bool(path.served) and not path.why_not
    asks = f"Service/{path.services[0].partition(':')[0].partition(' ')[0]}" if path.services else ""
    tone = Tone.PLAIN if is_whole else Tone.WARNING
    return Line("", f"{what} → {services}: {served}{taken}{why}", tone, asks=asks)


def _certificate(told: CertificateTold) -> Line:
    source = f", from {told.secret}" if told.secret else ""
    names = f", for {some_of(told.names, 3)}" if told.names and told.names != (told.subject,) else ""
    text = f"{told.subject}{names}, {signed_by(told)}, valid until {told.not_after}{source}"
    return Line("certificate", text, asks=told.secret if told.secret.startswith("Secret/") else "")


def _virtual_service(told: HostTold) -> Line:
    on = f", on {told.parent}" if told.parent else ""
    tenant = f", in tenant {told.tenant}" if told.tenant else ""
    return Line("virtual service", f"{told.virtual_service}{on}{tenant}", asks=f"virtualservice/{told.virtual_service}")


def _rule(told: RuleTold) -> Line:
    text = f"{told.way}: {told.match} → {told.action}"
    return Line(
        "rule", f"{text}  ← a request for that path" if told.takes else text, Tone.GOOD if told.takes else Tone.PLAIN
    )


def _pool(told: PoolTold) -> Line:
    of = f" of {told.service}" if told.service else ""
    count = (
        "no server" if not told.servers else "1 server" if len(told.servers) == 1 else f"{len(told.servers)} servers"
    )
    lines = [Line("", fault, Tone.WARNING) for fault in told.faults]
    lines += (Line("server", _server(server)) for server in told.servers[:SERVERS_AT_MOST])
    lines += _rest(len(told.servers) - SERVERS_AT_MOST)
    lines += _left_out(told.left_out)
    tone = Tone.PLAIN if told.servers else Tone.WARNING
    return Line("pool", f"{told.name}{of}: {count}", tone, asks=f"pool/{told.name}", lines=tuple(lines))


def _left_out(left_out: Iterable[ServerTold]) -> Iterator[Line]:
    """Tell what is no server: of several for the same reason that once, and at most so many."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in left_out:
        by_reason.setdefault((one.why_not, one.remedy), []).append(_server(one).removeprefix(", "))
    for (why, remedy), places in by_reason.items():
        if len(places) == 1:
            yield Line("left out", ": ".join(filter(None, (places[0], why))), Tone.WARNING, remedy)
            continue
        shown = (*(Line("", place) for place in places[:HOSTS_AT_MOST]), *_rest(len(places) - HOSTS_AT_MOST))
        yield Line("left out", f"{len(places)}: {why}", Tone.WARNING, remedy, lines=shown)


def _rest(count: int) -> tuple[Line, ...]:
    """Say how many more there are than are told."""
    return (Line("", f"and {count} more", Tone.FAINT),) if count > 0 else ()


def _server(server: ServerTold) -> str:
    port = f":{server.port}" if server.port else ""
    address = f"[{server.address}]" if port and ":" in server.address else server.address
    pod = f", pod {server.pod}" if server.pod else ""
    node = f", on {server.node}" if server.node else ""
    return f"{address}{port}{pod}{node}"


def _objects(objects: tuple[ObjectTold, ...]) -> Line:
    """Tell how all objects are in one line, and those that are in no good state one by one."""
    counts = Counter(told.state for told in objects)
    if counts.keys() == {"there"}:
        return Line("objects", f"{len(objects)} on the Avi Controller, all as wanted")
    shown = tuple(_object_line(told) for told in objects if told.why)
    words = ", ".join(f"{count} {state}" for state, count in counts.items())
    text = f"{len(objects)}, all {next(iter(counts))}" if len(counts) == 1 else f"{len(objects)}: {words}"
    return Line("objects", text, Tone.PLAIN if counts.keys() == {"not asked"} else Tone.WARNING, lines=shown)


def _object_line(told: ObjectTold) -> Line:
    """Tell of an object of a host; why it was refused is told as what is wrong with that."""
    why = f": {told.why}" if told.why and told.state != "refused" else ""
    tone = _OBJECTS.get(told.state, Tone.WARNING)
    return Line("", f"{told.type} {told.name}: {told.state}{why}", tone, asks=f"{told.type}/{told.name}")


def _object(told: ObjectTold) -> Line:
    why = f": {told.why}" if told.why else ""
    tenant = f" in tenant {told.tenant}" if told.tenant else ""
    lines = [Line("uuid", told.uuid)] if told.uuid else []
    if told.serves:
        shown = tuple(Line("", host, asks=host) for host in told.serves[:HOSTS_AT_MOST])
        rest = _rest(len(told.serves) - HOSTS_AT_MOST)
        lines.append(Line("serves", f"{len(told.serves)}", lines=(*shown, *rest)))
    tone = _OBJECTS.get(told.state, Tone.WARNING)
    return Line(f"{told.type} {told.name}{tenant}", f"{told.state}{why}", tone, lines=tuple(lines))
