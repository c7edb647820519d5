"""Sites: the contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako import CloudFacts, HostClaim, HostOutcome, HostState, InsecurePolicy, NamespacedName, Outcome
from ako.testing import PluginContract, Rehearsal, tls_secret

PLUGINS = ("sites", "clusterip_routes")
SHOP, WEB, WEB_ENDPOINTS = yaml.safe_load_all(
    (Path(__file__).parents[1] / "manifests" / "shop.yaml").read_text(encoding="utf-8")
)


def a_site(**spec: object) -> Mapping[str, Any]:
    """Build a Site that differs from the one in the examples."""
    return {**SHOP, "spec": {**SHOP["spec"], **spec}}


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = (SHOP, WEB, WEB_ENDPOINTS, tls_secret("unrelated"))


def test_each_path_of_a_site_becomes_a_pool_on_a_shared_virtual_service() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(SHOP, WEB, WEB_ENDPOINTS)
    names = {ref.name for ref in rehearsal.objects() if ref.type == "pool"}
    assert names == {
        "my-cluster--shop.avi.internal_-default-shop",
        "my-cluster--shop.avi.internal_cart-default-shop",
    }


def test_a_host_of_one_word_gets_the_domain_of_the_settings() -> None:
    rehearsal = Rehearsal(PLUGINS, settings={"ako.sites.domain": "avi.internal"})
    rehearsal.apply(a_site(host="shop"))
    found = rehearsal.discovery(SHOP)
    assert found is not None
    assert [claim.host for claim in found.claims] == ["shop.avi.internal"]


@pytest.mark.parametrize(("redirect", "policy"), [("true", InsecurePolicy.REDIRECT), ("false", InsecurePolicy.ALLOW)])
def test_the_settings_say_what_becomes_of_plain_http(redirect: str, policy: InsecurePolicy) -> None:
    rehearsal = Rehearsal(PLUGINS, settings={"ako.sites.redirect": redirect})
    rehearsal.apply(a_site(tlsSecret="shop-tls"))
    found = rehearsal.discovery(SHOP)
    assert found is not None
    (claim,) = found.claims
    assert isinstance(claim, HostClaim)
    assert claim.tls is not None
    assert (claim.tls.insecure, claim.tls.certificate) == (policy, NamespacedName("default", "shop-tls"))


def test_a_host_outside_the_domains_of_the_cloud_is_a_problem() -> None:
    rehearsal = Rehearsal(PLUGINS, cloud=CloudFacts(domains=("avi.internal",)))
    rehearsal.apply(a_site(host="shop.elsewhere.test"))
    (problem,) = rehearsal.problems()
    assert problem.reason == "HostOutsideDomains"
    assert "shop.elsewhere.test" in problem.message
    assert rehearsal.objects() == {}


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_a_problem(port: int) -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(a_site(port=port))
    (problem,) = rehearsal.problems()
    assert (problem.reason, problem.message) == ("PortOutOfRange", f"spec.port: {port} is no port.")
    assert rehearsal.objects() == {}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (
            Outcome(hosts=(HostOutcome("shop.avi.internal", HostState.LIVE, ("192.0.2.1",)),)),
            {"served": True, "address": "192.0.2.1", "reason": None},
        ),
        (
            Outcome(hosts=(HostOutcome("shop.avi.internal", HostState.REJECTED, reason="Secret a/b is not there"),)),
            {"served": False, "address": None, "reason": "Secret a/b is not there"},
        ),
        (
            Outcome(hosts=(HostOutcome("shop.avi.internal", HostState.PENDING),)),
            {"served": False, "address": None, "reason": "not programmed yet"},
        ),
    ],
    ids=["live", "rejected", "pending"],
)
def test_the_status_says_what_became_of_a_site(outcome: Outcome, status: Mapping[str, Any]) -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(SHOP)
    assert rehearsal.report(SHOP, outcome) == status


def test_the_status_stays_as_long_as_the_site_is_served_as_it_was() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply({**SHOP, "status": {"served": True, "address": "192.0.2.1"}})
    kept = HostOutcome("shop.avi.internal", HostState.KEPT, reason="Secret a/b cannot be read")
    assert rehearsal.report(SHOP, Outcome(hosts=(kept,))) is None
