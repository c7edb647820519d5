"""The language of `match`: tables of what is read and what is not, and properties against what the words mean."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

import pytest
from ako_traefik_ingressroute.alternatives import Alternative, Header, MatchFault, alternatives
from ako_traefik_ingressroute.decisions import Decision, Entry, decide
from ako_traefik_ingressroute.match_language import All, Any, Matcher, Node, Not, SyntaxFault, parse

from ako import Backend

HOST, OTHER = "a.example.org", "b.example.org"


def served(text: str) -> tuple[Alternative, ...]:
    """Give the alternatives of an expression that has no fault."""
    node = parse(text)
    assert not isinstance(node, SyntaxFault), node
    found, faults = alternatives(node)
    assert faults == ()
    return found


def faults_of(text: str) -> list[str]:
    """Give the reasons of what of an expression cannot be served."""
    node = parse(text)
    assert not isinstance(node, SyntaxFault), node
    return [fault.reason for fault in alternatives(node)[1]]


V1, V2 = Header("x-version", "1"), Header("x-version", "2")
NOT_V1, NOT_V2 = (Header(one.name, one.value, is_denied=True) for one in (V1, V2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Host(`a.example.org`)", [Alternative(HOST)]),
        ("host(`A.Example.ORG.`)", [Alternative(HOST)]),
        ('HOST("a.example.org")', [Alternative(HOST)]),
        ("HostHeader(`a.example.org`)", [Alternative(HOST)]),
        ("Host(`a.example.org`, `b.example.org`)", [Alternative(HOST), Alternative(OTHER)]),
        ("Host(`a.example.org`)&&PathPrefix(`/x`)", [Alternative(HOST, "/x")]),
        ("Host(`a.example.org`) && Path(`/x`)", [Alternative(HOST, "/x", is_exact=True)]),
        (
            "Host(`a.example.org`) && Path(`/x`, `/y`)",
            [Alternative(HOST, "/x", is_exact=True), Alternative(HOST, "/y", is_exact=True)],
        ),
        (
            "Host(`a.example.org`) && Header(`X-Version`, `1`)",
            [Alternative(HOST, headers=(V1,))],
        ),
        ('Headers("x-version", "1") && Host(`a.example.org`)', [Alternative(HOST, headers=(V1,))]),
        (
            "Host(`a.example.org`) && !Header(`X-Version`, `1`)",
            [Alternative(HOST, headers=(NOT_V1,))],
        ),
        ("Host(`a.example.org`) && !(!Header(`X-Version`, `1`))", [Alternative(HOST, headers=(V1,))]),
        (
            "Host(`a.example.org`) && !(Header(`X-Version`, `1`) || Header(`X-Version`, `2`))",
            [Alternative(HOST, headers=(NOT_V1, NOT_V2))],
        ),
        (
            "Host(`a.example.org`) && (PathPrefix(`/x`) || Header(`X-Version`, `1`))",
            [Alternative(HOST, "/x"), Alternative(HOST, headers=(V1,))],
        ),
        # && binds more than ||
        (
            "Host(`a.example.org`) || Host(`b.example.org`) && PathPrefix(`/x`)",
            [Alternative(HOST), Alternative(OTHER, "/x")],
        ),
        ("Host(`a.example.org`) && PathPrefix(`/x`) && PathPrefix(`/x/y`)", [Alternative(HOST, "/x/y")]),
        ("Host(`a.example.org`) && PathPrefix(`/`) && Path(`/x`)", [Alternative(HOST, "/x", is_exact=True)]),
        ("Host(`a.example.org`) && (Host(`b.example.org`) || Path(`/x`))", [Alternative(HOST, "/x", is_exact=True)]),
        ("\n ( ( Host(\t`a.example.org` ) ) )\r\n", [Alternative(HOST)]),
        (
            'Host(`a.example.org`) && Header(`X`, "a \\"b\\" \\\\")',
            [Alternative(HOST, headers=(Header("x", 'a "b" \\'),))],
        ),
        ("PathPrefix(`/x`)", [Alternative("", "/x")]),
    ],
)
def test_what_is_served(text: str, expected: list[Alternative]) -> None:
    assert list(served(text)) == expected


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("HostRegexp(`.+`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && PathRegexp(`.+`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && HeaderRegexp(`X`, `.+`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && Method(`GET`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && Query(`a`, `b`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && ClientIP(`10.0.0.0/8`)", ["MatcherUnsupported"]),
        ("Host(`a.example.org`) && Weekday(`Monday`)", ["MatcherUnsupported"]),
        ("!Host(`a.example.org`)", ["NegationUnsupported"]),
        ("Host(`a.example.org`) && !PathPrefix(`/x`)", ["NegationUnsupported"]),
        ("Host(`a.example.org`) && !(Header(`X`, `1`) && Path(`/x`))", ["NegationUnsupported"]),
        ("Host(`*.example.org`)", ["HostInvalid"]),
        ("Host(`{sub}.example.org`)", ["HostInvalid"]),
        ("Host(``)", ["HostInvalid"]),
        ("Host()", ["MatcherInvalid"]),
        ("Host(`a.example.org`) && PathPrefix(`x`)", ["PathInvalid"]),
        ("Host(`a.example.org`) && PathPrefix(`/{id:[0-9]+}`)", ["PathInvalid"]),
        ("Host(`a.example.org`) && Path(`/x?y=z`)", ["PathInvalid"]),
        ("Host(`a.example.org`) && Header(`X`)", ["MatcherInvalid"]),
        ("Host(`a.example.org`) && Header(`X`, `1`, `2`)", ["MatcherInvalid"]),
        ("Host(`a.example.org`) && Header(`X Y`, `1`)", ["HeaderInvalid"]),
        ("Host(`a.example.org`) && Header(`X`, `a\nb`)", ["HeaderInvalid"]),
        ("Header(`Host`, `a.example.org`)", ["HeaderInvalid"]),
        ("Host(`a.example.org`) && Host(`b.example.org`)", ["MatchesNothing"]),
        ("Host(`a.example.org`) && Path(`/x`) && Path(`/y`)", ["MatchesNothing"]),
        ("Host(`a.example.org`) && PathPrefix(`/x`) && Path(`/y`)", ["MatchesNothing"]),
        ("Host(`a.example.org`) && Header(`X`, `1`) && !Header(`x`, `1`)", ["MatchesNothing"]),
        (" && ".join(["(Path(`/x`) || Path(`/y`))"] * 9), ["MatchTooLarge"]),
        ("Method(`GET`) && ClientIP(`::1`)", ["MatcherUnsupported", "MatcherUnsupported"]),
    ],
)
def test_what_cannot_be_served(text: str, reasons: list[str]) -> None:
    assert faults_of(text) == reasons


def test_an_alternative_is_served_beside_one_that_cannot_be() -> None:
    node = parse("Host(`a.example.org`) || HostRegexp(`.+`)")
    assert not isinstance(node, SyntaxFault)
    found, (fault,) = alternatives(node)
    assert found == (Alternative(HOST),)
    assert fault == MatchFault(
        "MatcherUnsupported",
        "HostRegexp(`.+`): an Avi virtual service has its DNS names one by one, and no pattern",
        "Name the hosts, with || between them.",
    )


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1),
        ("   ", 4),
        ("Host", 5),
        ("Host(", 6),
        ("Host(`a`", 9),
        ("Host(`a", 6),
        ("Host(a)", 6),
        ("Host('a')", 6),
        ("Host(`a`,)", 10),
        ("Host(`a`) Host(`b`)", 11),
        ("Host(`a`) &&", 13),
        ("Host(`a`) & Host(`b`)", 11),
        ("&& Host(`a`)", 1),
        ("(Host(`a`)", 11),
        ("Host(`a`))", 10),
        ("()", 2),
        ("!", 2),
        ('Host("a\\n")', 8),
        ('Host("a\n")', 6),
        ("Host(`a`) ∧ Host(`b`)", 11),
        ("(" * 100, 42),
        ("!" * 100 + "Host(`a`)", 42),
        ("Host(`a`) && " * 1000, 8193),
    ],
)
def test_what_is_no_expression(text: str, at: int) -> None:
    fault = parse(text)
    assert isinstance(fault, SyntaxFault)
    assert fault.at == at


WORDS = (
    "Host(",
    "`a`",
    '"b"',
    "PathPrefix(",
    "&&",
    "||",
    "!",
    "(",
    ")",
    ",",
    " ",
    "Header(",
    "`",
    '"',
    "\\",
    "é",
    "\x00",
)


def test_any_text_is_an_expression_or_a_fault() -> None:
    chance = random.Random(1)
    read = [parse("".join(chance.choices(WORDS, k=chance.randrange(12)))) for _ in range(1000)]
    assert sum(isinstance(one, SyntaxFault) for one in read) > 500
    assert any(not isinstance(one, SyntaxFault) for one in read)
    for node in read:
        if not isinstance(node, SyntaxFault):
            alternatives(node)


# What the words mean, said in another way: by asking the tree about a request.


class Request:
    """A request, as far as an expression sees it."""

    def __init__(self, host: str, path: str, headers: Mapping[str, str]) -> None:
        self.host, self.path, self.headers = host, path, headers

    def fits(self, node: Node) -> bool:
        """Say whether it is as an expression says."""
        match node:
            case Not(part):
                return not self.fits(part)
            case All(parts):
                return all(map(self.fits, parts))
            case Any(parts):
                return any(map(self.fits, parts))
            case Matcher(name="host"):
                return self.host in node.arguments
            case Matcher(name="path"):
                return self.path in node.arguments
            case Matcher(name="pathprefix"):
                return self.path.startswith(node.arguments)
            case Matcher():
                return self.headers.get(node.arguments[0]) == node.arguments[1]
        raise AssertionError(node)

    def has(self, headers: Iterable[Header]) -> bool:
        """Say whether it has these headers."""
        return all((self.headers.get(one.name) == one.value) is not one.is_denied for one in headers)

    def is_one_of(self, one: Alternative) -> bool:
        """Say whether it is as an alternative says."""
        fits_path = self.path == one.path if one.is_exact else self.path.startswith(one.path)
        return one.host in {"", self.host} and fits_path and self.has(one.headers)

    def outcome(self, paths: Mapping[tuple[str, bool], Decision]) -> tuple[Backend, ...] | None:
        """Give who answers where the longest path is looked at first, an exact one before a prefix; None for nobody."""
        for path, is_exact in sorted(paths, key=lambda key: (-len(key[0]), not key[1])):
            if self.path == path if is_exact else self.path.startswith(path):
                for branch in paths[path, is_exact].branches:
                    if self.has(branch.headers):
                        return branch.backends
        return None


PATHS = ("/", "/x", "/x/y", "/xy", "/z")


def a_request(chance: random.Random) -> Request:
    """Ask for something that expressions may be about."""
    headers = {name: chance.choice("12") for name in ("p", "q") if chance.random() < 0.6}
    return Request(chance.choice((HOST, OTHER)), chance.choice((*PATHS, "/x/y/z", "/other")), headers)


def an_expression(chance: random.Random, depth: int = 3, *, in_not: bool = False) -> str:
    """Write an expression of what can be served; under `!` there are headers only."""
    if depth == 0 or chance.random() < 0.3:
        header = f"Header(`{chance.choice('pq')}`, `{chance.choice('12')}`)"
        names = (f"Host(`{HOST}`)", f"Host(`{OTHER}`, `{HOST}`)", f"Path(`{chance.choice(PATHS)}`)")
        return header if in_not else chance.choice((header, *names, f"PathPrefix(`{chance.choice(PATHS)}`)"))
    match chance.randrange(4):
        case 0:
            return f"!({an_expression(chance, depth - 1, in_not=True)})"
        case 1:
            return f"({an_expression(chance, depth - 1, in_not=in_not)})"
        case kind:
            parts = [an_expression(chance, depth - 1, in_not=in_not) for _ in range(chance.randrange(2, 4))]
            return (" && " if kind == 2 else " || ").join(parts)


def test_alternatives_are_all_that_the_expression_says_and_nothing_else() -> None:
    chance = random.Random(2)
    fitting = 0
    for _ in range(250):
        text = an_expression(chance)
        node = parse(text)
        assert not isinstance(node, SyntaxFault), text
        found, faults = alternatives(node)
        if any(fault.reason == "MatchTooLarge" for fault in faults):
            continue
        for request in [a_request(chance) for _ in range(12)]:
            fits = request.fits(node)
            fitting += fits
            assert any(request.is_one_of(one) for one in found) is fits, (text, vars(request))
    assert fitting > 300


def test_the_highest_priority_has_a_request_whatever_is_looked_at_first() -> None:
    chance = random.Random(3)
    answered = 0
    for _ in range(250):
        routes = [
            (chance.randrange(1, 5), f"Host(`{HOST}`) && ({an_expression(chance, 2)})")
            for _ in range(chance.randrange(1, 5))
        ]
        entries = []
        for index, (priority, text) in enumerate(routes):
            node = parse(text)
            assert not isinstance(node, SyntaxFault)
            backends = (Backend("default", f"s{index}"),) if chance.random() < 0.8 else ()
            entries.append(Entry((-priority, index), alternatives(node)[0], backends))
        decisions = decide(entries)
        for request in [a_request(chance) for _ in range(8)]:
            fitting = [e for e in sorted(entries, key=lambda e: e.order) if any(map(request.is_one_of, e.alternatives))]
            expected = fitting[0].backends if fitting else None
            answered += bool(expected)
            assert request.outcome(decisions.get(request.host, {})) == expected, (routes, vars(request))
    assert answered > 200
