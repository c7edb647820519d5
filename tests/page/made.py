"""A made-up cluster as the page is told of it: as many hosts as wanted, each state, and something wrong with some."""

from __future__ import annotations

from typing import Any

import msgspec

from ako.core.explain.answer import Answer, Fault, HostTold, PoolTold, RuleTold, ServerTold
from ako.core.explain.outline import Line, Tone

COLUMNS = [
    "id",
    "host",
    "kind",
    "state",
    "namespaces",
    "sources",
    "virtual_service",
    "tenant",
    "shard",
    "addresses",
    "tls",
    "pools",
    "servers",
    "problems",
]
Row = list[Any]
Document = dict[str, Any]
AT = "2026-11-27T20:00:00Z"
SHARDS = 8


def host(number: int) -> str:
    return f"shop-{number:05}.apps.example.com"


def state_of(number: int) -> str:
    return {7: "rejected", 11: "pending", 13: "kept"}.get(number % 100, "live")


def row(number: int, **others: Any) -> Row:
    """Give the row of a host; `others` are columns that differ."""
    state, namespace = state_of(number), f"team-{number % 40}"
    is_wrong = state in ("rejected", "kept")
    values: dict[str, Any] = {
        "id": host(number),
        "host": host(number),
        "kind": "host",
        "state": state,
        "namespaces": [namespace],
        "sources": [f"Ingress/{namespace}/shop-{number}"],
        "virtual_service": "" if state == "rejected" else service(number % SHARDS),
        "tenant": "",
        "shard": None if state == "rejected" else number % SHARDS,
        "addresses": [f"10.20.0.{number % SHARDS + 1}"] if state in ("live", "kept") else [],
        "tls": ("", "terminated", "passthrough")[number % 3],
        "pools": 1,
        "servers": number % 5,
        "problems": int(is_wrong),
    }
    return [{**values, **others}[name] for name in COLUMNS]


def service(shard: int) -> str:
    return f"my-cluster--Shared-L7-{shard}"


def topology(count: int, version: int = 1, instance: str = "made") -> Document:
    """Give the picture of a cluster with so many hosts."""
    wrong = [number for number in range(count) if row(number)[-1]]
    return {
        "instance": instance,
        "version": version,
        "at": AT,
        "cluster": "my-cluster",
        "ako": "0.2.0",
        "works": True,
        "columns": COLUMNS,
        "rows": [row(number) for number in range(count)],
        "not_ours": 12,
        "problems": [problem(number) for number in wrong],
        "virtual_services": [
            {
                "name": service(shard),
                "tenant": "",
                "addresses": [f"10.20.0.{shard + 1}"],
                "hosts": sum(number % SHARDS == shard and state_of(number) != "rejected" for number in range(count)),
                "state": "live",
                "kind": "shared",
                "shard": shard,
            }
            for shard in range(SHARDS)
        ],
        **ACTIVITY,
    }


def problem(number: int) -> Document:
    """Give what is wrong with a host."""
    about = f"Ingress/team-{number % 40}/shop-{number}"
    if state_of(number) == "kept":
        what = "Secret shop-tls is not there: what was served before stays"
        return {
            "about": about,
            "reason": "SecretNotFound",
            "message": what,
            "remedy": "create it, or name another",
            "hosts": [host(number)],
        }
    what = f"{host(number)}/ is served for Ingress/default/older already"
    remedy = "take another host or path, or delete the older one"
    return {"about": about, "reason": "DuplicateHostPath", "message": what, "remedy": remedy, "hosts": [host(number)]}


ACTIVITY: Document = {
    "passes": [
        {
            "at": f"2026-11-27T19:{59 - n:02}:10Z",
            "plan": f"p{n:04}",
            "causes": ["Ingress/team-1/shop-1 changed"],
            "created": 3,
            "updated": n % 3,
            "deleted": 0,
            "failed": int(n == 4),
            "hosts": [host(n)],
            "hosts_in_all": 1 + n,
            "seconds": 0.21,
            "words": f"plan p{n:04}: 3 created",
        }
        for n in range(20)
    ],
    "waits": [
        {
            "what": "40 of 200 hosts would be deleted",
            "why": "more than a fifth of what is served would go at once",
            "ends": "confirm it with its id, or put back what went",
            "id": "d41d8cd9",
        }
    ],
    "drift": [
        {"object": f"pool {service(0)}-shop", "fields": ["lb_algorithm", "servers"], "what": "repaired", "at": AT}
    ],
    "checks": [
        {"name": "kubernetes", "is_met": True, "detail": "", "remedy": "", "since": AT},
        {
            "name": "guard",
            "is_met": False,
            "detail": "a large deletion waits",
            "remedy": "confirm it, or put back what went",
            "since": AT,
        },
    ],
}


def explanation(question: str) -> Document:
    """Give the answer to a question about a host, or to what is not known."""
    if not question.startswith("shop-"):
        return packed(Answer(question=question, near=(host(1), host(2))), ())
    pool = "my-cluster--default-shop"
    told = HostTold(
        host=question,
        state="live",
        verdict=f"{question} is served at 10.20.0.1",
        addresses=("10.20.0.1",),
        virtual_service=service(0),
        rules=(RuleTold(way="TLS", match="path begins with /", action=f"pool {pool}"),),
        pools=(PoolTold(name=pool, service="default/shop:80", servers=servers(3)),),
    )
    fault = Fault("Ingress/default/shop", "NoEndpoints", "no pod is ready", "see to its readiness probe")
    return packed(Answer(question=question, asked_of="a running controller", hosts=(told,)), lines_of(told, fault))


def servers(count: int) -> tuple[ServerTold, ...]:
    return tuple(ServerTold(address=f"10.1.0.{n + 1}", port=8080, pod=f"default/shop-{n}") for n in range(count))


def lines_of(told: HostTold, fault: Fault) -> tuple[Line, ...]:
    """Give some lines as an explanation has them."""
    wrong = f"{fault.about}: {fault.reason}: {fault.message}"
    pods = tuple(Line("server", f"{one.address}:{one.port} ({one.pod})") for one in told.pools[0].servers)
    return (
        Line(told.host, told.verdict, Tone.GOOD),
        Line("claims", "1", lines=(Line("wins", "Ingress/default/shop", Tone.GOOD, asks="Ingress/default/shop"),)),
        Line("shard", "0 of 8: md5 of the host is 0x…28, modulo 8", Tone.FAINT),
        Line(
            "virtual service",
            told.virtual_service,
            asks=told.virtual_service,
            lines=(Line("address", "10.20.0.1"), Line("rule", f"path begins with / → {told.rules[0].action}")),
        ),
        Line("pool", told.pools[0].name, asks=told.pools[0].name, lines=pods),
        Line("wrong", wrong, Tone.BAD, remedy=fault.remedy, asks=fault.about),
    )


def packed(answer: Answer, outline: tuple[Line, ...]) -> Document:
    """Give an answer as JSON has it."""
    return {"answer": msgspec.to_builtins(answer), "outline": msgspec.to_builtins(outline)}


def tree(name: str, count: int = 12) -> Document:
    """Give what is behind a virtual service."""
    pools = [f"my-cluster--default-shop-{n}" for n in range(count)]
    return {
        "name": name,
        "addresses": ["10.20.0.1"],
        "hosts": [
            {
                "id": host(n * SHARDS),
                "rules": [{"match": "path begins with /", "action": f"pool {one}", "pools": [one]}],
            }
            for n, one in enumerate(pools)
        ],
        "hosts_in_all": count,
        "pools": [
            {"name": one, "service": f"default/shop-{n}:80", "servers": msgspec.to_builtins(servers(n % 4))}
            for n, one in enumerate(pools)
        ],
    }
