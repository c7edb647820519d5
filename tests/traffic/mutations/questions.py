"""What clients ask of a state, and what they must get: the promises of the cluster, and what else shows a mistake."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from ipaddress import IPv4Network

from tests.traffic.asking import SECURE, Answer, Asked
from tests.traffic.balancers import OLD_RANGES
from tests.traffic.go_ako import State
from tests.traffic.mutations.bench import Bench
from tests.traffic.mutations.looking import answer_to_pieces, blocks, shown_chain, status_without_host
from tests.traffic.mutations.question import Question, told
from tests.traffic.mutations.sharing import of_many
from tests.traffic.promise import CLOSED, NOBODY, REDIRECTED, Expected, Promise
from tests.traffic.reading import Cluster, Thing, notes, path_of, spec
from tests.traffic.stage import at_address

Whose = Callable[[Promise], Expected | None]

FOUND = 302
"""The status of every redirect, of ours and of Go AKO."""


def questions_of(state: State, whose: Whose) -> list[Question]:
    """Give all questions of a state; `whose` says whose reading of the promises counts."""
    given = [(promise, expected) for promise in state.promises if (expected := whose(promise)) is not None]
    asking = [(promise, _strict(expected)) for promise, expected in given]
    cluster = Cluster(state.cluster)
    found = [_plain(promise, expected) for promise, expected in asking]
    shown: set[object] = set()
    for promise, expected in asking:
        if _is_variant(promise.asked):
            continue
        where = (promise.asked.to, promise.asked.scheme, expected.servers, promise.reason)
        if where not in shown:
            shown.add(where)
            found += of_many(promise, expected, cluster)
            found += _of_plain_hosts(promise, expected, state)
            found += _of_edges(promise, expected, cluster)
            found += _of_hello_in_pieces(promise, expected)
            found += _of_certificates(promise, expected, cluster)
            # The rules of Go AKO take every Host header, as the client hello has chosen.
            if whose(promise) is promise.ours:
                found += _of_other_hosts(promise, expected)
    found += _of_addresses(asking)
    found += _of_silent_clients(asking)
    found += _of_own_names(asking)
    return found


def _strict(expected: Expected) -> Expected:
    """Want a server where there is one: this data plane passes over pools that have none."""
    return replace(expected, statuses=expected.statuses - {503}) if expected.servers else expected


def _plain(promise: Promise, expected: Expected) -> Question:
    asked = promise.asked

    def faults(bench: Bench) -> Iterator[str]:
        answer = bench.ask(asked)
        yield from expected.faults(answer)
        is_passed = asked.scheme == "https" and not expected.certificates
        yield from _changed_on_the_way(asked, answer, is_passed=is_passed)

    return Question(told(asked), faults)


def _changed_on_the_way(asked: Asked, answer: Answer, *, is_passed: bool) -> Iterator[str]:
    """Say what a server got otherwise than it was sent, and what a redirect is not."""
    if answer.status in REDIRECTED and answer.status != FOUND:
        yield f"redirected with {answer.status}"
    if not answer.echoed or asked.scheme not in {"http", "https"}:
        return
    sent = (asked.path, asked.host, asked.method)
    came = tuple(answer.echoed.get(name) for name in ("path", "host", "method"))
    if came != sent:
        yield f"the server was sent {came}, not {sent}"
    if len(answer.seen("X-Forwarded-For")) != (0 if is_passed else 1):
        yield f"X-Forwarded-For is {answer.seen('X-Forwarded-For')}"
    elif not is_passed and asked.client and answer.seen("X-Forwarded-For") != (asked.client,):
        yield f"X-Forwarded-For is {answer.seen('X-Forwarded-For')}, not {asked.client}"
    tls = answer.echoed.get("tls")
    if tls and tls.get("serverName") != asked.host:
        yield f"the server was asked for {tls.get('serverName')!r} over TLS"


def _of_edges(promise: Promise, expected: Expected, cluster: Cluster) -> Iterator[Question]:
    """Ask from the ends of all networks whose clients are let in, and from beside them."""
    if promise.asked.scheme not in {"tcp", "udp"} or not promise.asked.client or not expected.servers:
        return
    for service in cluster.of("Service"):
        networks = _networks(service) if promise.reason.startswith(f"{path_of(service)}:") else []
        for network in networks:
            first, last = network.network_address, network.broadcast_address
            for address in (first, last, first - 1, last + 1):
                is_let_in = any(address in one for one in networks)
                asked = replace(promise.asked, client=str(address))
                yield _plain(replace(promise, asked=asked), expected if is_let_in else CLOSED)


def _networks(service: Thing) -> list[IPv4Network]:
    texts = spec(service).get("loadBalancerSourceRanges") or notes(service).get(OLD_RANGES, "").split(",")
    return [IPv4Network(text.strip(), strict=False) for text in texts if text.strip() and ":" not in text]


def _is_variant(asked: Asked) -> bool:
    """Say whether it is another way to ask for what is asked for without it too."""
    is_other = asked.method != "GET" or "?" in asked.path or bool(asked.headers)
    return is_other or asked.sni == "" or asked.scheme == "udp"


# ---- certificates ------------------------------------------------------------------------------------------------


def _of_certificates(promise: Promise, expected: Expected, cluster: Cluster) -> Iterator[Question]:
    asked, text = promise.asked, told(promise.asked)
    if asked.scheme not in SECURE or not expected.certificates:
        return
    chains = {chain[0]: chain for chain in _chains(cluster) if chain and chain[0] in expected.certificates}
    if chains:
        yield Question(f"{text}: the whole chain", _chain(asked, chains))
    if expected.servers and _verifies(promise, cluster):
        yield Question(f"{text}, while an impostor serves", _refuses_impostors(asked))


def _chain(asked: Asked, chains: Mapping[str, Sequence[str]]) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        place = bench.place(asked)
        if isinstance(place, Answer):
            yield "nobody listens"
            return
        shown = shown_chain((place.address, place.listening_port), asked.server_name)
        if list(chains.get(shown[0], ())) != shown:
            yield f"the chain that was shown has {len(shown)} certificates, and is not what the cluster says"

    return faults


def _refuses_impostors(asked: Asked) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        with bench.impostors():
            answer = bench.ask(asked)
        if answer.server or answer.status != 503:
            yield f"an impostor was believed: {answer.status} from {answer.server or 'nobody'}"

    return faults


def _chains(cluster: Cluster) -> Iterator[list[str]]:
    """Give the chains of all that have a certificate: its own first."""
    for secret in cluster.of("Secret"):
        text = (secret.get("data") or {}).get("tls.crt") or ""
        yield blocks(base64.b64decode(text).decode(errors="replace"))
    for route in cluster.of("Route"):
        tls = spec(route).get("tls") or {}
        yield blocks(f"{tls.get('certificate') or ''}\n{tls.get('caCertificate') or ''}")


def _verifies(promise: Promise, cluster: Cluster) -> bool:
    """Say whether all Routes of a host name the authority of their servers."""
    its = [one for one in cluster.of("Route") if _is_of(one, promise.asked)]
    return bool(its) and all((spec(one).get("tls") or {}).get("destinationCACertificate") for one in its)


def _is_of(route: Thing, asked: Asked) -> bool:
    return bool(spec(route).get("host") == asked.to)


# ---- names and addresses ---------------------------------------------------------------------------------------------


def _of_addresses(asking: Sequence[tuple[Promise, Expected]]) -> Iterator[Question]:
    """Ask at the addresses that statuses in the cluster name."""
    seen: set[tuple[str, str]] = set()
    for promise, expected in asking:
        if expected.is_nobody or not promise.address or (promise.address, promise.asked.to) in seen:
            continue
        seen.add((promise.address, promise.asked.to))
        asked = at_address(promise.asked, promise.address)
        yield _plain(replace(promise, asked=asked), expected)


def _of_other_hosts(promise: Promise, expected: Expected) -> Iterator[Question]:
    """Ask with the name of a host in TLS for another host: nobody is there; and for the same in other letters."""
    asked = promise.asked
    is_served = bool(expected.servers) or 503 in expected.statuses
    if asked.scheme != "https" or not expected.certificates or not is_served or asked.client:
        return
    for other in (f"{asked.to}.other", f"other.{asked.to}", f"other.{asked.to}.other", "other"):
        yield _plain(replace(promise, asked=replace(asked, headers=(("Host", other),), sni=asked.to)), NOBODY)
    same = replace(asked, headers=(("Host", asked.to.upper()),), sni=asked.to)
    yield Question(told(same), lambda bench: expected.faults(bench.ask(same)))


def _of_silent_clients(asking: Sequence[tuple[Promise, Expected]]) -> Iterator[Question]:
    """Ask without saying for whom, as HTTP/1.0 may: nobody is asked for, and nothing breaks."""
    seen: set[str] = set()
    for promise, expected in asking:
        asked = promise.asked
        if asked.scheme != "http" or asked.client or expected.is_nobody or asked.to in seen:
            continue
        seen.add(asked.to)
        yield Question(f"{told(asked)} in HTTP/1.0 without a Host header", _is_not_found(asked))


def _is_not_found(asked: Asked) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        place = bench.place(asked)
        if isinstance(place, Answer):
            yield "nobody listens"
            return
        status = status_without_host((place.address, place.listening_port), asked.path)
        if status != 404:
            yield f"status {status}"

    return faults


def _of_plain_hosts(promise: Promise, expected: Expected, state: State) -> Iterator[Question]:
    """Ask at the same address and path for other hosts, and for the same with a port."""
    asked = promise.asked
    if asked.scheme != "http" or asked.client or expected.is_nobody:
        return
    if expected.servers:
        same = replace(asked, headers=(("Host", f"{asked.to}:80"),))
        yield Question(told(same), lambda bench: expected.faults(bench.ask(same)))
    if any(one.asked.to.startswith("any-name.") for one in state.promises):
        return  # somebody has a domain, and who asks for a name in it is served
    groups = state.controller.get("poolgroup", ())
    labels = {one.get("priority_label") for group in groups for one in group.get("members", ())}
    longer = () if asked.to in labels else (f"{asked.to}.other",)  # a bare label is the beginning of longer names
    for other in (*longer, f"other.{asked.to}", f"other.{asked.to}.other", "other"):
        yield _plain(replace(promise, asked=replace(asked, headers=(("Host", other),))), NOBODY)


def _of_hello_in_pieces(promise: Promise, expected: Expected) -> Iterator[Question]:
    """Say hello in two pieces where a server terminates TLS: whoever looks at it has to wait for the second."""
    asked = promise.asked
    if asked.scheme != "https" or expected.certificates or not expected.servers or asked.client:
        return

    def faults(bench: Bench) -> Iterator[str]:
        place = bench.place(asked)
        if isinstance(place, Answer):
            yield "nobody listens"
            return
        head = answer_to_pieces((place.address, place.listening_port), asked.to, bench.let_it_read)
        if not any(f"x-echo-server: {server}".encode() in head.lower() for server in expected.servers):
            yield f"{head[:60]!r}"

    yield Question(f"{told(asked)}, the hello in two pieces", faults)


def _of_own_names(asking: Sequence[tuple[Promise, Expected]]) -> Iterator[Question]:
    """Ask at every other name of an address for a host that is served there."""
    seen: set[str] = set()
    for promise, expected in asking:
        asked = promise.asked
        if not expected.servers or asked.headers or asked.client or asked.to in seen:
            continue
        seen.add(asked.to)
        known = {one.asked.to for one, _ in asking}
        yield Question(f"{told(asked)}, at the other names of its address", _at_other_names(asked, expected, known))


def _at_other_names(asked: Asked, expected: Expected, known: Set[str]) -> Callable[[Bench], Iterator[str]]:
    def faults(bench: Bench) -> Iterator[str]:
        for name in bench.other_names(known, asked):
            yield from expected.faults(bench.ask(replace(at_address(asked, name), client=asked.client)))

    return faults
