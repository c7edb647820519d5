"""What goes on without an object that the Controller refused."""

from __future__ import annotations

from collections.abc import Mapping

from ako.core.model import AviObject, Pool, PoolGroup, PoolGroupMember
from ako.core.observed import ObservedObject
from ako.core.refs import AviRef
from ako.core.refusals import Refusal, without_refused

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
