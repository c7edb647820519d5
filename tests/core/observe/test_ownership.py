"""Which objects under our names are ours: by their marks, and by what they are connected with."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    PARENT,
    AviObject,
    Pool,
    PoolGroup,
    PoolGroupMember,
    VirtualService,
    VrfContext,
    VsVip,
)
from ako.core.observe.observed import ObservedObject
from ako.core.observe.ownership import Ownership, TakenName

OURS, THEIRS, THIRD = "uid-1", "uid-2", "uid-3"
VRF = VrfContext(name="global")
VSVIP = VsVip(name="c--Shared-L7-0", vrf_context_ref=VRF.ref)
GROUP = PoolGroup(name="c--Shared-L7-0", members=(PoolGroupMember(AviRef("pool", "c--a")),))
PARENT_VS = VirtualService(
    name="c--Shared-L7-0", vs_type=PARENT, vsvip_ref=VSVIP.ref, application_profile_ref=GROUP.ref
)
CHILD_VS = VirtualService(name="c--b", vs_type=CHILD, vh_parent_vs_ref=PARENT_VS.ref)
A = Pool(name="c--a", vrf_ref=VRF.ref)
ALONE = Pool(name="c--alone", vrf_ref=VRF.ref)
TREE: tuple[AviObject, ...] = (VSVIP, GROUP, PARENT_VS, CHILD_VS, A)


def seen(*items: AviObject, **uids: str) -> dict[AviRef, ObservedObject]:
    """Give objects as they were read; `uids` marks those of a name, without prefix."""
    marks = {f"c--{name}": uid for name, uid in uids.items()}
    return {item.ref: ObservedObject("u", item, cluster_uid=marks.get(item.name, "")) for item in items}


def ownership(uid: str = OURS, confirmed: str = "") -> Ownership:
    made = Ownership()
    made.become(uid, has_markers=True)
    made.confirmed = confirmed
    return made


@pytest.mark.parametrize(
    ("objects", "theirs"),
    [
        (seen(*TREE, ALONE), set()),
        (seen(*TREE, ALONE, a=OURS, alone=OURS), set()),
        (seen(*TREE, ALONE, alone=THEIRS), {ALONE.ref}),
        (seen(*TREE, ALONE, b=THEIRS), {item.ref for item in TREE}),
        (seen(*TREE, ALONE, a=THEIRS), {item.ref for item in TREE}),
        (seen(A, ALONE, VRF, a=THEIRS), {A.ref}),
        # What is marked as ours is ours, and keeps away what is behind it.
        (seen(CHILD_VS, PARENT_VS, VSVIP, GROUP, b=THEIRS, **{"Shared-L7-0": OURS}), {CHILD_VS.ref}),
    ],
)
def test_what_belongs_to_another_cluster_is_set_apart(
    objects: Mapping[AviRef, ObservedObject], theirs: set[AviRef]
) -> None:
    owner = ownership()
    left = owner.sift(objects)
    assert owner.theirs.keys() == theirs
    assert left == {ref: found for ref, found in objects.items() if ref not in theirs}


def test_without_a_uid_of_our_own_all_is_ours() -> None:
    objects = seen(*TREE, a=THEIRS, b=OURS)
    owner = ownership("")
    assert owner.sift(objects) == objects
    assert owner.namesakes == ()
    assert isinstance(owner.judge(A.ref, objects[A.ref]), ObservedObject)


def test_each_cluster_is_told_with_an_id_of_its_own() -> None:
    owner = ownership()
    owner.sift(seen(A, ALONE, CHILD_VS, a=THEIRS, alone=THIRD, b=THEIRS))
    two, three = owner.namesakes
    assert (two.uid, two.objects) == (THEIRS, (A.ref, CHILD_VS.ref))
    assert (three.uid, three.objects) == (THIRD, (ALONE.ref,))
    elsewhere = ownership(THIRD)
    elsewhere.sift(seen(A, a=THEIRS))
    assert len({two.id, three.id, elsewhere.namesakes[0].id}) == 3


def test_a_confirmed_cluster_is_taken_over_and_no_other() -> None:
    owner = ownership()
    objects = seen(*TREE, ALONE, a=THEIRS, alone=THIRD)
    owner.sift(objects)
    assert not owner.is_outdated(OURS)
    owner.confirmed = owner.namesakes[0].id
    assert owner.is_outdated(OURS)
    left = owner.sift(objects)
    assert owner.theirs == {ALONE.ref: THIRD}
    assert {ref: found.remark for ref, found in left.items() if found.remark} == {A.ref: OURS}
    assert not owner.is_outdated(OURS)
    owner.confirmed = ""
    owner.sift(objects)
    assert owner.theirs == {ALONE.ref: THIRD}


def test_a_uid_that_is_known_later_has_all_read_anew_and_is_not_forgotten() -> None:
    owner = ownership("")
    owner.sift(seen(A, a=THEIRS))
    assert owner.is_outdated(OURS)
    owner.become(OURS, has_markers=False)
    owner.sift(seen(A, a=THEIRS))
    assert not owner.is_outdated(OURS)
    assert not owner.is_outdated("")
    owner.become("", has_markers=True)
    owner.sift(seen(A, a=THEIRS))
    assert owner.theirs == {A.ref: THEIRS}


@pytest.mark.parametrize(("uid", "is_taken"), [("", False), (OURS, False), (THEIRS, True)])
def test_a_name_that_another_cluster_took_is_found_by_a_look_up(uid: str, is_taken: bool) -> None:
    owner = ownership()
    found = owner.judge(A.ref, ObservedObject("u", A, cluster_uid=uid))
    assert isinstance(found, TakenName) is is_taken
    assert (A.ref in owner.theirs) is is_taken
    if is_taken:
        assert f"has the uid {THEIRS}" in str(found)
    assert owner.judge(A.ref, None) is None
