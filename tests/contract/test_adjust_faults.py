"""What an answer to `ako_adjust` may not take away: it is a fault of its plugin, and the host stays as it was."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest
from msgspec.structs import replace

from ako import (
    AviObject,
    AviRef,
    Contribution,
    HTTPPolicySet,
    OwnTree,
    Pool,
    PoolGroup,
    PoolGroupMember,
    PortClaim,
    SSLKeyAndCertificate,
    Translation,
    View,
    VirtualHost,
    VirtualService,
)
from ako.core.observe.observed import ObservedObject
from ako.core.plan.protection import hold_back, protection_for
from tests.builders import ingress
from tests.contract.adjusting import (
    OTHER,
    SAFE,
    SHOP,
    SHOP_POOL,
    Adjuster,
    Adjusting,
    pool_of,
    rehearse,
    sticky,
)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Failures are logged with their stack; here they are expected."""
    caplog.set_level(logging.CRITICAL, logger="ako.core")


def dropping(kind: type[AviObject]) -> Adjusting:
    return lambda _, translation, __: replace(
        translation, objects=tuple(item for item in translation.objects if not isinstance(item, kind))
    )


def with_contribution(**fields: Any) -> Adjusting:
    return lambda _, translation, __: replace(translation, contribution=replace(translation.contribution, **fields))


def adding(**fields: Any) -> Adjusting:
    return lambda _, translation, __: translation.with_objects(Pool(**fields))


def without_rule(_: object, translation: Translation, __: View) -> Translation:
    return replace(translation, rules=translation.rules[:-1])


def with_another_rule(_: object, translation: Translation, __: View) -> Translation:
    return replace(translation, rules=tuple(replace(rule, name="my-cluster--x") for rule in translation.rules))


def moved(translation: Translation) -> Translation:
    parent = AviRef("virtualservice", translation.parent.name)
    return translation.with_fields(VirtualService, vh_parent_vs_ref=parent)


def raising(*_: object) -> Translation:
    raise KeyError("on purpose")


MEMBERS = (PoolGroupMember(AviRef("pool", "my-cluster--default-safe.com_-safe")),)
WRONG: dict[str, tuple[Adjusting, str]] = {
    "raises": (raising, "KeyError"),
    "misspells a field": (lambda _, t, __: t.with_fields(Pool, servants=()), "servants"),
    "gives a list": (lambda _, t, __: cast("Translation", [t]), "list"),
    "drops the pools": (dropping(Pool), "pool my-cluster--default-safe.com_-safe no more"),
    "drops the group of a path": (dropping(PoolGroup), "poolgroup my-cluster--default-safe.com_-safe no more"),
    "drops the child": (dropping(VirtualService), "virtualservice my-cluster--safe.com no more"),
    "drops a certificate that is referred to": (
        dropping(SSLKeyAndCertificate),
        "refers to sslkeyandcertificate my-cluster--safe.com, which is neither",
    ),
    "drops a policy set that is referred to": (
        dropping(HTTPPolicySet),
        "refers to httppolicyset my-cluster--default-safe.com, which is neither",
    ),
    "refers to what nobody makes": (
        lambda _, t, __: t.with_fields(Pool, pki_profile_ref=AviRef("pkiprofile", "my-cluster--none")),
        "refers to pkiprofile my-cluster--none",
    ),
    "refers to an object of another host": (
        lambda _, t, __: t.with_fields(PoolGroup, members=(PoolGroupMember(SHOP_POOL),)),
        f"refers to {SHOP_POOL!r}",
    ),
    "takes the DNS name away": (with_contribution(fqdns=()), "contribution.fqdns has safe.com no more"),
    "takes the redirect away": (with_contribution(redirect_hosts=()), "contribution.redirect_hosts has safe.com"),
    "takes the contribution away": (with_contribution(fqdns=(), redirect_hosts=()), "contribution.fqdns"),
    "forgets a rule": (without_rule, "rules has 0 entries, not 1"),
    "names a rule otherwise": (with_another_rule, "rules[0] is not my-cluster--default-safe.com_-safe as it was"),
    "makes a tree of its own of it": (
        lambda _, t, __: replace(t, parent=OwnTree("my-cluster--mine")),
        "parent is my-cluster--mine, not my-cluster--Shared-L7-",
    ),
    "wants a shared parent otherwise": (
        lambda _, t, __: replace(t, parent=replace(t.parent, application_profile="mine")),
        "parent.application_profile is another than that of my-cluster--Shared-L7-0",
    ),
    "has a label that takes the requests of others": (
        lambda _, t, __: replace(
            t, contribution=replace(t.contribution, members=(replace(MEMBERS[0], priority_label="s"),))
        ),
        "contribution.members[0].priority_label is 's'",
    ),
    "has a member without a label": (
        lambda _, t, __: replace(t, contribution=replace(t.contribution, members=MEMBERS)),
        "contribution.members[0].priority_label is ''",
    ),
    "puts it on a shared parent that there is none of": (
        lambda _, t, __: replace(t, parent=replace(t.parent, name="my-cluster--Shared-L9-0")),
        "my-cluster--Shared-L9-0",
    ),
    "has a shared virtual service redirect": (
        lambda _, t, __: moved(replace(t, parent=replace(t.parent, name="my-cluster--edge"))),
        "parent.redirect_on is my-cluster--Shared-L7-0, which is the name of a shared virtual service",
    ),
    "adds under another's name": (adding(name="prod--x", created_by="ako-my-cluster"), "name is 'prod--x'"),
    "adds without the mark": (adding(name="my-cluster--x"), "created_by is None, not ako-my-cluster"),
    "adds what is there": (
        lambda _, t, __: t.with_objects(*t.objects),
        "is sslkeyandcertificate my-cluster--safe.com, as objects[0] is",
    ),
    "adds to a parent without a pool group": (
        lambda _, t, __: replace(
            t, parent=replace(t.parent, has_pool_group=False), contribution=Contribution(members=MEMBERS)
        ),
        "has no pool group for the members",
    ),
}


@pytest.mark.parametrize(("adjust", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_unknown_and_nothing_of_it_is_used(adjust: Adjusting, words: str) -> None:
    wrong = Adjuster(sticky, "safe.com")
    rehearsal = rehearse(wrong, Adjuster(lambda *_: None), manifests=(SHOP, SAFE))
    before = rehearsal.objects()
    wrong.adjust = adjust
    more = ingress("safe", ("safe.com", "/", "web:80"), ("safe.com", "/more", "web:80"), tls={"safe.com": "safe"})
    one_more = ingress("safe", ("safe.com", "/", "api:80"), tls={"safe.com": "safe"}, created="2024-03-01T00:00:00Z")
    rehearsal.apply(one_more, OTHER)
    assert "my-cluster--other.com_-default-other" in {ref.name for ref in rehearsal.objects()}, "others go on"
    assert {ref: item for ref, item in rehearsal.objects().items() if "safe.com" in ref.name} == {
        ref: item for ref, item in before.items() if "safe.com" in ref.name
    }
    (doubt,) = rehearsal.doubts().values()
    assert words in doubt
    assert "adjuster0" in doubt
    assert set(rehearsal.host.calls.failures) == {("adjuster0", "ako_adjust")}
    wrong.adjust = lambda *_: None
    rehearsal.apply(more)
    assert not rehearsal.doubts()


def test_what_the_one_before_has_set_is_not_half_there_when_another_fails() -> None:
    first, second = Adjuster(lambda *_: None, "shop.com"), Adjuster(sticky, "shop.com")
    rehearsal = rehearse(first, second)
    before = rehearsal.objects()
    first.adjust, second.adjust = sticky, dropping(Pool)
    rehearsal.apply(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/new", "web:80")))
    assert rehearsal.objects() == before
    assert set(rehearsal.host.calls.failures) == {("adjuster1", "ako_adjust")}


def test_who_had_nothing_to_say_of_a_host_holds_nothing_up_and_its_owner_is_told() -> None:
    """As long as it cannot answer, its last answer stays, and that was none."""
    wrong = Adjuster(lambda *_: None)
    rehearsal = rehearse(Adjuster(sticky, "shop.com"), wrong)
    wrong.adjust = dropping(Pool)
    rehearsal.apply(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/new", "web:80")))
    assert not rehearsal.doubts()
    added = pool_of(rehearsal, AviRef("pool", "my-cluster--shop.com_new-default-shop"))
    assert added.application_persistence_profile_ref, "and what others say goes on"
    (problem,) = rehearsal.problems()
    assert (problem.source.name, problem.reason) == ("shop", "Unreadable")
    assert "adjuster1" in problem.message
    wrong.adjust = lambda *_: None
    rehearsal.apply(SHOP)
    assert rehearsal.problems() == ()


@pytest.mark.parametrize(("adjust", "holds_up"), [(lambda *_: None, False), (sticky, True)], ids=["no host", "a host"])
def test_a_plugin_that_is_suspended_holds_new_hosts_up_only_if_it_adjusted_any(
    adjust: Adjusting, holds_up: bool
) -> None:
    rehearsal = rehearse(Adjuster(adjust), manifests=(SHOP,))
    rehearsal.host.settle()
    rehearsal.host.calls.suspensions.suspend("adjuster0", "ako_adjust", "host lost.com", "it hung", 20.0)
    rehearsal.apply(OTHER)
    served = AviRef("pool", "my-cluster--other.com_-default-other") in rehearsal.objects()
    assert served is not holds_up
    assert bool(rehearsal.doubts()) is holds_up
    assert rehearsal.problems() == (), "owners of others are not told of it"


def test_a_host_that_never_was_adjusted_well_is_in_doubt_and_nothing_of_it_is_deleted() -> None:
    served = rehearse(manifests=(SHOP, SAFE)).objects()
    observed = {ref: ObservedObject(f"uuid-{ref}", item) for ref, item in served.items()}
    rehearsal = rehearse(Adjuster(dropping(Pool), "safe.com"), manifests=(SHOP, SAFE))
    kept = hold_back(rehearsal.objects(), observed, protection_for(rehearsal.pipeline.doubts()))
    assert served.keys() <= kept.keys()


def test_a_certificate_that_nothing_refers_to_any_more_may_go() -> None:
    """That of the administrator in its place is a field that was set, and nothing that was taken away."""
    theirs = AviRef("sslkeyandcertificate", "wildcard")

    def adjust(host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation | None:
        named = translation.with_fields(VirtualService, ssl_key_and_certificate_refs=(theirs,))
        return dropping(SSLKeyAndCertificate)(host, named, view)

    rehearsal = rehearse(Adjuster(adjust, "safe.com"), manifests=(SAFE,))
    assert not rehearsal.doubts()
    child = rehearsal.objects()[AviRef("virtualservice", "my-cluster--safe.com")]
    assert isinstance(child, VirtualService)
    assert child.ssl_key_and_certificate_refs == (theirs,)
    assert "sslkeyandcertificate" not in {ref.type for ref in rehearsal.objects()}
