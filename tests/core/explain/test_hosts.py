"""A host is told from its claims to its servers: who has it, over what, where, with which servers."""

from __future__ import annotations

import pytest

from ako.core.explain.answer import PoolTold, RuleTold, ServerTold, ShardTold
from tests.builders import endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.explain.asked import asked, host, read

WEB = (service("web"), endpoints("web", "10.0.0.1", "10.0.0.2"))
SHOP = ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/api", "web:80"), created="2026-01-01T00:00:00Z")
LATER = ingress("later", ("shop.com", "/api", "web:80"), created="2026-02-01T00:00:00Z")
SOURCE = "Ingress/default/shop"
SECURE = ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "safe-tls"})


def test_a_live_host_is_told_from_end_to_end() -> None:
    rig = Rig(*WEB, SHOP)
    told = host(rig, "shop.com")
    assert (told.state, told.addresses, told.virtual_service) == ("live", ("10.1.0.1",), "my-cluster--Shared-L7-7")
    assert told.verdict == "served at 10.1.0.1 over plain HTTP"
    assert [(claim.source, claim.verdict) for claim in told.claims] == [("Ingress/default/shop", "wins")]
    assert told.rules == (
        RuleTold("plain HTTP", "path begins with /api", "pool my-cluster--shop.com_api-default-shop", SOURCE),
        RuleTold("plain HTTP", "any path", "pool my-cluster--shop.com_-default-shop", SOURCE),
    )
    servers = (ServerTold("10.0.0.1", 8080), ServerTold("10.0.0.2", 8080))
    assert PoolTold("my-cluster--shop.com_-default-shop", "default/web:80", servers) in told.pools
    assert {found.state for found in told.objects} == {"there"}


def test_pools_without_servers_are_told_before_the_chain() -> None:
    """`served` would be all that somebody reads who gets no answer."""
    rig = Rig(service("web"), endpoints("web"), service("api"), endpoints("api", "10.0.0.3"), SHOP)
    (nobody,) = host(rig, "shop.com").waits
    assert nobody.startswith("no pool has a server")
    rig.apply(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/api", "api:80")))
    rig.turn()
    (some,) = host(rig, "shop.com").waits
    assert some.startswith("1 of 2 pools have no server")


def test_the_shard_is_told_with_the_values_of_its_formula() -> None:
    rig = Rig(*WEB, SHOP)
    why = "md5 of 'shop.com', modulo 8 (L7Settings.shardVSSize), is 7"
    assert host(rig, "SHOP.com.").shard == ShardTold(7, 8, why, 7)


def test_before_anything_is_written_all_is_to_be_created() -> None:
    rig = Rig(*WEB)
    rig.apply(SHOP)
    rig.turn()
    told = host(rig, "shop.com")
    assert told.state == "pending"
    assert {found.state for found in told.objects} == {"to be created"}


def test_a_younger_claim_of_a_path_loses_and_is_told_who_has_it() -> None:
    rig = Rig(*WEB, SHOP, LATER)
    told = host(rig, "shop.com")
    shop, later = told.claims
    assert (shop.verdict, later.verdict) == ("wins", "loses")
    assert later.paths[0].taken_by == "Ingress/default/shop"
    assert "Ingress/default/shop, which is older, is served" in later.why
    assert [problem.about for problem in told.problems] == ["Ingress/default/later"]
    assert read(asked(rig, "shop.com")).count("Duplicate entries") == 1, "as wrong, and not at the path again"


def test_a_path_says_which_rule_takes_a_request_for_it() -> None:
    rig = Rig(*WEB, SHOP)
    takers = [rule.match for rule in host(rig, "http://shop.com/API/v1").rules if rule.takes]
    assert takers == ["path begins with /api"]


@pytest.mark.parametrize("question", ["https://safe.com/only?from=/mail#top", "safe.com/only#top", "safe.com/only"])
def test_what_a_browser_shows_after_the_path_is_no_part_of_it(question: str) -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/only", "pathType": "Exact", "backend": backend}]
    safe = {**SECURE, "spec": {**SECURE["spec"], "rules": [{"host": "safe.com", "http": {"paths": paths}}]}}
    told = host(Rig(*WEB, safe, tls_secret("safe-tls", "safe.com")), question)
    assert "path is /only" in [rule.match for rule in told.rules if rule.takes]
    assert host(Rig(*WEB, SHOP), "shop.com?x=/y").host == "shop.com"


def test_a_certificate_is_told_by_its_names_and_its_end() -> None:
    rig = Rig(*WEB, SECURE, tls_secret("safe-tls", "safe.com"))
    told = host(rig, "safe.com")
    assert told.certificate is not None
    assert (told.certificate.names, told.certificate.secret) == (("safe.com",), "Secret/default/safe-tls")
    assert told.certificate.source == "Ingress/default/safe"
    assert (told.virtual_service, told.parent[:-1]) == ("my-cluster--safe.com", "my-cluster--Shared-L7-")
    assert told.verdict == "served at 10.1.0.1 over TLS; plain HTTP is redirected there"
    assert [(rule.way, rule.action) for rule in told.rules] == [
        ("plain HTTP", "redirect to https"),
        ("TLS", "pool my-cluster--default-safe.com_-safe"),
    ]


def test_a_missing_secret_is_told_with_its_remedy() -> None:
    rig = Rig(*WEB, SECURE)
    answer = asked(rig, "safe.com")
    assert answer.hosts[0].verdict.startswith("not served: secret: default/safe-tls does not exist")
    assert "→ Create the TLS Secret or name another one" in read(answer)
