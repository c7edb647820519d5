"""Plugins whose answer is none: another type, something in it that can change, too much of it, what no JSON can say."""

from __future__ import annotations

from tests.wrongs.author import INDEXED
from tests.wrongs.wrong import Wrong

ANSWERING = (
    Wrong(
        name="texts", does="answers with a text", code='return "none"', says="its answer: it is a str, not a Discovery"
    ),
    Wrong(
        name="lists",
        does="gives a list where a tuple belongs: it could change it later",
        code="return Discovery([claim])",
        says="its answer: claims is a list, not a tuple",
    ),
    Wrong(
        name="changes_later",
        does="keeps what it answered and changes it",
        top="KEPT = []",
        code=(
            "KEPT.append(HostClaim(source.ref, claim.created, thing.spec.host, KEPT))\nreturn Discovery((KEPT[-1],))"
        ),
        says="its answer: claims[0].rules is a list, not a tuple",
    ),
    Wrong(
        name="generates",
        does="gives a generator where a tuple belongs",
        code="return Discovery(claim for _ in range(1))",
        says="its answer: claims is a generator, not a tuple",
    ),
    Wrong(
        name="yields",
        does="answers with a generator, as a hook does that yields",
        hook="ako_place_backend",
        code="return (answer for answer in (good,))",
        says="its answer: it is a generator, not a Placement",
    ),
    Wrong(
        name="awaits",
        does="answers with a coroutine, as a hook does that is `async`",
        top="async def find(answer): return answer",
        code="return find(good)",
        says="its answer: it is a coroutine, not a Discovery",
    ),
    Wrong(
        name="numbers_paths",
        does="gives a path that is a number",
        code=(
            "rule = PathRule(7, PathType.PREFIX, (backend,))\n"
            "return Discovery((HostClaim(source.ref, claim.created, thing.spec.host, (rule,)),))"
        ),
        says="its answer: claims[0].rules[0].path is an int, not a text",
    ),
    Wrong(
        name="surrogates",
        does="gives a path with characters that are none",
        code=(
            'rule = PathRule("/\\ud800", PathType.PREFIX, (backend,))\n'
            "return Discovery((HostClaim(source.ref, claim.created, thing.spec.host, (rule,)),))"
        ),
        says="its answer: claims[0].rules[0].path",
    ),
    Wrong(
        name="own_texts",
        does="gives a host that is a text of its own class, equal to every other",
        top=(
            "class Any(str):\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"
            "    def lower(self): return self"
        ),
        code='return Discovery((HostClaim(source.ref, claim.created, Any("shop.com"), (rule,)),))',
        says="its answer: claims[0].host is an Any, not a text",
    ),
    Wrong(
        name="own_records",
        does="gives a record of its own class",
        top=(
            "class Claim(HostClaim, frozen=True):\n    @property\n    def key(self):\n"
            '        raise LookupError("no key")'
        ),
        code='return Discovery((Claim(source.ref, "", thing.spec.host, (rule,)),))',
        says="its answer: claims[0] is a Claim",
    ),
    Wrong(
        name="own_tuples",
        does="gives a tuple of its own class, which says something else each time",
        top=('class Fickle(tuple):\n    def __iter__(self):\n        raise LookupError("not now")'),
        code="return Discovery(Fickle((claim,)))",
        says="its answer: claims is a Fickle, not a tuple",
    ),
    Wrong(
        name="says_true",
        does="gives true for a port",
        code='return Placement((PoolServer.at("10.9.9.9", True),))',
        hook="ako_place_backend",
        says="its answer: servers[0].port is a bool, not a",
    ),
    Wrong(
        name="own_numbers",
        does="gives a port that is a number of its own class",
        top="import enum\n\nclass Port(enum.IntEnum):\n    HTTP = 80",
        code='return Placement((PoolServer.at("10.9.9.9", Port.HTTP),))',
        hook="ako_place_backend",
        says="its answer: servers[0].port is a Port, not a",
    ),
    Wrong(
        name="no_port",
        does="gives a port that there is not",
        code='return Placement((PoolServer.at("10.9.9.9", 99999),))',
        hook="ako_place_backend",
        says="its answer: servers[0].port",
    ),
    Wrong(
        name="no_address",
        does="gives a server at a name, where an address belongs",
        code='return Placement((PoolServer.at("web.example.org", 80),))',
        hook="ako_place_backend",
        says="its answer: servers[0].ip",
    ),
    Wrong(
        name="negative",
        does="gives a share that is negative",
        code=(
            'rule = PathRule("/", PathType.PREFIX, (Backend("default", "web", weight=-1), backend))\n'
            "return Discovery((HostClaim(source.ref, claim.created, thing.spec.host, (rule,)),))"
        ),
        says="its answer: claims[0].rules[0].backends[0].weight",
    ),
    Wrong(
        name="no_words",
        does="has a problem whose reason is no word and whose text has many lines",
        code='return Discovery((claim,), (Problem(source.ref, "not good", "one\\ntwo"),))',
        says="its answer: problems[0].",
    ),
    Wrong(
        name="floods",
        does="answers with a million claims",
        code="return Discovery((claim,) * 1_000_000)",
        says=" for Floods/default/floods",  # or it is judged for too long
        contract="its answer: claims[",
    ),
    Wrong(
        name="bloats",
        does="answers with a text of a hundred megabytes",
        code=(
            'rule = PathRule("/" + "a" * 100_000_000, PathType.PREFIX, (backend,))\n'
            "return Discovery((HostClaim(source.ref, claim.created, thing.spec.host, (rule,)),))"
        ),
        says="its answer: claims[0].rules[0]",
    ),
    Wrong(
        name="nests",
        does="answers with tuples in tuples, a hundred thousand deep",
        code="deep = ()\nfor _ in range(100_000):\n    deep = (deep,)\nreturn Discovery(deep)",
        says="its answer: claims[0] is a tuple",
    ),
    Wrong(
        name="objects",
        does="gives a status that is not JSON",
        code='return {"since": object()}',
        hook="ako_report",
        says="its answer: …since",
    ),
    Wrong(
        name="sets",
        does="gives a status with a set, which has another order each time",
        code='return {"hosts": {"a", "b"}}',
        hook="ako_report",
        says="its answer: …hosts",
    ),
    Wrong(
        name="not_a_number",
        does="gives a status with a number that is none",
        code='return {"load": float("nan")}',
        hook="ako_report",
        says="its answer: …load",
    ),
    Wrong(
        name="number_keys",
        does="gives a status with a key that is a number",
        code='return {7: "seven"}',
        hook="ako_report",
        says="its answer: ",
    ),
    Wrong(
        name="circles",
        does="gives a status that holds itself",
        code='patch = {}\npatch["self"] = patch\nreturn patch',
        hook="ako_report",
        says="its answer: …self",
    ),
    Wrong(
        name="nests_status",
        does="gives a status that is a hundred thousand deep",
        code='patch = {}\nfor _ in range(100_000):\n    patch = {"more": patch}\nreturn patch',
        hook="ako_report",
        says="its answer: …more",
    ),
    Wrong(
        name="huge_number",
        does="gives a status with a number of a thousand digits",
        code='return {"count": 10**1000}',
        hook="ako_report",
        says="its answer: …count",
    ),
    Wrong(
        name="odd_mapping",
        does="gives a status of a class of its own, which raises when it is read",
        top=(
            "class Odd(Mapping):\n    def __getitem__(self, key): raise SystemExit\n"
            "    def __iter__(self): raise SystemExit\n    def __len__(self): raise SystemExit"
        ),
        code="return Odd()",
        hook="ako_report",
        says="its answer: …Odd",
    ),
    Wrong(
        name="routes_nowhere",
        does="gives a static route to what is no network",
        code='return (ako.StaticRoute(prefix="10.0.0.0/8", next_hop="10.0.0.1"),)',
        hook="ako_static_routes",
        says="its answer: [0].prefix is a",
    ),
    Wrong(
        name="files_letters",
        does="has an index that gives one text where a tuple of keys belongs",
        top="def by_host(thing): return thing.spec.host if thing.spec.wrong else (thing.spec.host,)",
        bottom=INDEXED,
        hook="ako_kinds",
        says="what an index gives: it is a str, not keys",
    ),
)
