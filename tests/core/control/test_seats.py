"""Claims without an age, as a folder gives them: whoever has a host keeps it, whatever the others are called."""

from __future__ import annotations

from typing import Any

from ako.core.model import Pool, VirtualService
from ako.core.observe.served import owners_of
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.echo import EchoingRig

SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}
BASE = (service("web"), endpoints("web", "10.0.0.1"))
DATED = "2026-01-01T00:00:00Z"


def shop(name: str, *paths: str, secret: str = "", created: str | None = None) -> Manifest:
    tls = {"shop.com": secret} if secret else {}
    return ingress(name, *(("shop.com", path, "web:80") for path in paths), tls=tls, created=created)


def restarted(rig: EchoingRig, *manifests: Manifest) -> EchoingRig:
    """Start anew on the same Controller: nothing is known but what is there."""
    again = EchoingRig(*BASE, *manifests, controller=rig.controller, **SMALL)
    again.settle()
    return again


def holders(rig: EchoingRig) -> dict[str, str]:
    """Give who is served, by the name of the pool."""
    pools = (seen.object for _, seen in rig.controller.observed.items() if isinstance(seen.object, Pool))
    return {pool.name.removeprefix("my-cluster--"): owners_of(pool)[0].name for pool in pools}


def test_a_newcomer_whose_name_comes_first_takes_nothing_over_while_running_or_after_a_restart() -> None:
    rig = EchoingRig(*BASE, shop("zeta", "/"), **SMALL)
    rig.news()
    rig.apply(shop("alpha", "/"))
    rig.settle()
    assert set(holders(rig).values()) == {"zeta"}
    assert [(p.source.name, p.reason) for p in rig.news()] == [("alpha", "DuplicateHostPath")]
    again = restarted(rig, shop("alpha", "/"), shop("zeta", "/"))
    assert again.writes == []
    again.delete(shop("zeta", "/"))
    again.settle()
    assert set(holders(again).values()) == {"alpha"}


def test_who_holds_one_path_does_not_take_another_by_that() -> None:
    rig = EchoingRig(*BASE, shop("zeta", "/"), **SMALL)
    rig.apply(shop("alpha", "/", "/api"))
    rig.settle()
    served = holders(rig)
    assert sorted(served.values()) == ["alpha", "zeta"]
    again = restarted(rig, shop("alpha", "/", "/api"), shop("zeta", "/"))
    assert again.writes == []
    assert holders(again) == served


def test_the_certificate_stays_that_of_the_holder_also_when_both_are_live() -> None:
    own, other = tls_secret("own", "shop.com"), tls_secret("other", "*.com")
    first = shop("zeta", "/", secret="own")
    rig = EchoingRig(*BASE, own, other, first, **SMALL)
    second = shop("alpha", "/a-very-long-path", secret="other")
    rig.apply(second)
    rig.settle()
    conflicts = [problem.source.name for problem in rig.news() if problem.reason == "CertificateConflict"]
    assert conflicts == ["alpha"]
    again = restarted(rig, own, other, first, second)
    assert again.writes == []
    (child,) = (
        seen.object
        for ref, seen in rig.controller.observed.items()
        if isinstance(seen.object, VirtualService) and ref.name == "my-cluster--shop.com"
    )
    assert [owner.name for owner in owners_of(child)] == ["zeta", "alpha"]


def test_many_without_an_age_stay_as_they_are() -> None:
    rig = EchoingRig(*BASE, shop("z", "/"), **SMALL)
    names = [f"n{number:02}" for number in range(30)]
    for name in reversed(names):
        rig.apply(shop(name, "/", f"/{name}"))
        rig.settle()
    served = holders(rig)
    assert sorted(served.values()) == [*names, "z"]
    again = restarted(rig, *(shop(name, "/", f"/{name}") for name in names), shop("z", "/"))
    assert again.writes == []


def test_one_without_an_age_takes_nothing_from_one_that_has_one() -> None:
    rig = EchoingRig(*BASE, shop("zeta", "/", created=DATED), **SMALL)
    rig.apply(shop("alpha", "/"))
    rig.settle()
    assert set(holders(rig).values()) == {"zeta"}


def test_ages_decide_where_there_are_any() -> None:
    rig = EchoingRig(*BASE, shop("alpha", "/", created=DATED), **SMALL)
    rig.apply(shop("zeta", "/", created="2025-01-01T00:00:00Z"))
    rig.settle()
    assert set(holders(rig).values()) == {"zeta"}


def test_where_nobody_has_the_host_names_decide() -> None:
    rig = EchoingRig(*BASE, shop("zeta", "/"), shop("alpha", "/"), **SMALL)
    assert set(holders(rig).values()) == {"alpha"}
