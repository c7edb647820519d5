"""What goes on without an object that the Controller refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from ako.core.base.refs import AviRef, TreeName
from ako.core.model import (
    CHILD,
    AttachedPolicySet,
    AviObject,
    HostMatch,
    HTTPPolicySet,
    Pool,
    PoolGroup,
    PoolGroupMember,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.left_out import Refusal, without_refused
from ako.core.plan.planner import Planner

OLD, NEW, GROUP = AviRef("pool", "c--old"), AviRef("pool", "c--new"), AviRef("poolgroup", "c--group")


def group(*pools: AviRef) -> PoolGroup:
    return PoolGroup(name=GROUP.name, members=tuple(map(PoolGroupMember, pools)))


def seen(*items: AviObject) -> Mapping[AviRef, ObservedObject]:
    return {item.ref: ObservedObject(f"uuid-{item.name}", item) for item in items}


def wanted(*items: AviObject) -> Mapping[AviRef, AviObject]:
    return {item.ref: item for item in items}


def test_a_refused_change_keeps_what_the_object_refers_to() -> None:
    before = seen(Pool(name=OLD.name), group(OLD))
    left = without_refused(wanted(group()), {GROUP: Refusal(group(), "not today")}, before)
    assert left == {GROUP: group(OLD), OLD: Pool(name=OLD.name)}, "deleting the pool would be refused for ever"


def test_what_is_referred_to_elsewhere_is_not_created() -> None:
    """Objects of other trees are not in what was observed of this one: keeping them is not for this plan."""
    before = seen(group(OLD))
    assert OLD not in without_refused(wanted(group()), {GROUP: Refusal(group(), "not today")}, before)


def test_a_refused_new_object_is_taken_out_of_lists() -> None:
    new = Pool(name=NEW.name)
    before = seen(Pool(name=OLD.name), group(OLD))
    left = without_refused(wanted(Pool(name=OLD.name), new, group(OLD, NEW)), {NEW: Refusal(new, "not today")}, before)
    assert left == {OLD: Pool(name=OLD.name), GROUP: group(OLD)}


def test_an_object_that_is_wanted_otherwise_by_now_is_tried_again() -> None:
    before = seen(Pool(name=OLD.name), group(OLD))
    desired = wanted(Pool(name=NEW.name), group(NEW))
    assert without_refused(desired, {GROUP: Refusal(group(), "not today")}, before) == desired


PARENT, BANK = AviRef("virtualservice", "c--0"), AviRef("virtualservice", "c--bank.com")
CERTIFICATE = SSLKeyAndCertificate(name=BANK.name)
BEFORE = SSLKeyAndCertificate(name=BANK.name, key="before")


def redirect(*hosts: str) -> HTTPPolicySet:
    rule = RequestRule(
        name="0", index=0, match=RequestMatch(host_hdr=HostMatch(hosts)), redirect_action=RedirectAction()
    )
    return HTTPPolicySet(name=PARENT.name, http_request_policy=RequestPolicy((rule,)))


def parent(*policies: HTTPPolicySet) -> VirtualService:
    return VirtualService(
        name=PARENT.name, http_policies=tuple(AttachedPolicySet(11, policy.ref) for policy in policies)
    )


def child() -> VirtualService:
    return VirtualService(
        name=BANK.name, vs_type=CHILD, vh_domain_name=("bank.com",), ssl_key_and_certificate_refs=(CERTIFICATE.ref,)
    )


REFUSED = {CERTIFICATE.ref: Refusal(CERTIFICATE, "not today")}


def test_without_its_certificate_a_child_is_not_made_and_nobody_redirected_to_it() -> None:
    """It would show the certificate of its parent."""
    live = seen(parent())
    everything = wanted(CERTIFICATE, child(), redirect("bank.com"), parent(redirect("bank.com")))
    assert without_refused(everything, REFUSED, live) == wanted(parent())


def test_nobody_is_redirected_to_names_under_a_domain_either_that_have_no_child() -> None:
    wild = replace(child(), vh_domain_name=("*.bank.com",))
    rule = RequestRule(
        name="0",
        index=0,
        match=RequestMatch(host_hdr=HostMatch((".bank.com",), "HDR_ENDS_WITH")),
        redirect_action=RedirectAction(),
    )
    policy = HTTPPolicySet(name="c--0-paths-0", http_request_policy=RequestPolicy((rule,)))
    everything = wanted(CERTIFICATE, wild, policy, parent(policy))
    assert without_refused(everything, REFUSED, seen(parent())) == wanted(parent())


@pytest.mark.parametrize("is_there", [True, False], ids=["redirect there", "redirect new"])
def test_redirects_of_others_stay(is_there: bool) -> None:
    policy = redirect("bank.com", "shop.com")
    live = seen(parent(policy), policy) if is_there else {}
    everything = wanted(CERTIFICATE, child(), policy, parent(policy))
    assert without_refused(everything, REFUSED, live) == wanted(redirect("shop.com"), parent(policy))


def test_a_refused_change_of_a_certificate_leaves_the_child_and_its_redirect() -> None:
    policy = redirect("bank.com")
    live = seen(BEFORE, child(), policy, parent(policy))
    left = without_refused(wanted(CERTIFICATE, child(), policy, parent(policy)), REFUSED, live)
    assert left == wanted(BEFORE, child(), policy, parent(policy))


def test_a_live_child_keeps_the_certificate_it_has() -> None:
    """Its new certificate has a new name, and is refused."""
    old = SSLKeyAndCertificate(name="c--old")
    before = replace(child(), ssl_key_and_certificate_refs=(old.ref,))
    left = without_refused(wanted(CERTIFICATE, child()), REFUSED, seen(old, before))
    assert left == wanted(old, before)


RULES = HTTPPolicySet(name="c--red-bank.com", http_request_policy=redirect("bank.com").http_request_policy)
NO_RULES = {RULES.ref: Refusal(RULES, "not today")}


def ruled(*policies: HTTPPolicySet) -> VirtualService:
    return replace(child(), http_policies=tuple(AttachedPolicySet(11 + n, p.ref) for n, p in enumerate(policies)))


def test_a_live_child_keeps_the_rules_it_has() -> None:
    """They are of other names now, as after an upgrade: what replaces them is refused."""
    old = tuple(replace(RULES, name=f"c--red-bank.com_{path}") for path in "ab")
    left = without_refused(wanted(BEFORE, RULES, ruled(RULES)), NO_RULES, seen(BEFORE, *old, ruled(*old)))
    assert left == wanted(BEFORE, *old, ruled(*old))


def test_without_its_rules_a_child_is_not_made_and_nobody_redirected_to_it() -> None:
    everything = wanted(CERTIFICATE, RULES, ruled(RULES), redirect("bank.com"), parent(redirect("bank.com")))
    assert without_refused(everything, NO_RULES, seen(parent())) == wanted(CERTIFICATE, parent())


def test_a_parent_is_made_without_the_redirects_that_are_refused() -> None:
    policy = redirect("bank.com")
    everything = wanted(CERTIFICATE, RULES, ruled(RULES), policy, parent(policy))
    left = without_refused(everything, {policy.ref: Refusal(policy, "not today")}, {})
    assert left == wanted(CERTIFICATE, RULES, ruled(RULES), parent())


@pytest.mark.parametrize("is_doubtful", [False, True])
def test_what_is_new_cannot_be_made_on_what_could_not_be_made_however_far(is_doubtful: bool) -> None:
    """Whether all is compared or only what changed."""
    vsvip = VsVip(name="c--0")
    first = VirtualService(name="c--1", vsvip_ref=vsvip.ref)
    second, third = (
        VirtualService(name=f"c--{number}", vh_parent_vs_ref=AviRef("virtualservice", f"c--{number - 1}"))
        for number in (2, 3)
    )
    desired = dict(wanted(vsvip, first, second))
    planner = Planner(Observed(), lambda _: dict(desired), lambda _: is_doubtful, "c--")
    planner.refused.note(TreeName("t"), Refusal(vsvip, "not today"))
    for _ in range(2):
        (proposal,) = planner.propose([frozenset({TreeName("t")})])
        assert not proposal.plan
        planner.note(proposal)
        desired.update(wanted(third))


@pytest.mark.parametrize("is_doubtful", [False, True])
def test_a_redirect_that_leads_to_nobody_is_seen_by_whoever_refers_to_it(is_doubtful: bool) -> None:
    """Also where only the virtual service changes that has it."""
    policy, observed = redirect("bank.com"), Observed()
    observed.put(PARENT, ObservedObject("uuid", parent()))
    desired = dict(wanted(CERTIFICATE, child(), policy, parent(policy)))
    planner = Planner(observed, lambda _: dict(desired), lambda _: is_doubtful, "c--")
    planner.refused.note(TreeName("t"), Refusal(CERTIFICATE, "not today"))
    (proposal,) = planner.propose([frozenset({TreeName("t")})])
    assert not proposal.plan
    planner.note(proposal)
    desired[PARENT] = replace(parent(policy), enable_rhi=True)
    (proposal,) = planner.propose([frozenset({TreeName("t")})])
    assert [repr(operation.ref) for operation in proposal.plan.operations] == [repr(PARENT)]
    assert proposal.desired[PARENT] == replace(parent(), enable_rhi=True)
