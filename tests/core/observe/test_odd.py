"""Virtual services that this program would never make, told from those that it makes or made."""

from __future__ import annotations

import pytest

from ako.core.base.refs import AviRef, NamespacedName
from ako.core.model import CHILD, NORMAL, PARENT, VirtualService
from ako.core.model.names import Names
from ako.core.model.virtual_service import ENHANCED
from ako.core.observe.observed import ObservedObject
from ako.core.observe.odd import odd_virtual_services
from ako.core.translate.metadata import child_metadata, parent_metadata, port_metadata

NAMES = Names("c")
SHARED = AviRef("virtualservice", "c--Shared-L7-0")
SNI, EVH = "VS_TYPE_VH_SNI", ENHANCED
HOST = child_metadata([NamespacedName("default", "shop")], "shop.com")
SERVICE = port_metadata(NamespacedName("red", "web"), ())


def vs(name: str, vs_type: str = NORMAL, text: str | None = None, **fields: object) -> VirtualService:
    return VirtualService(name=f"c--{name}", vs_type=vs_type, service_metadata=text, **fields)  # type: ignore[arg-type]


MADE = [
    vs("Shared-L7-0", PARENT, parent_metadata()),
    vs("Shared-L7-63", PARENT, vh_type=SNI),
    vs("shop.com", CHILD, HOST, vh_parent_vs_ref=SHARED, vh_type=SNI),
    vs("shop-default-cert", CHILD, HOST, vh_parent_vs_ref=SHARED),  # AKO 1.3, sharded by namespace
    vs("Shared-Passthrough-0", NORMAL, parent_metadata()),
    vs("Shared-Passthrough-0-insecure", NORMAL, parent_metadata()),
    vs("red-web", NORMAL, SERVICE, vh_type=SNI),
    vs("red-shared-address", NORMAL, SERVICE),
]
ODD = [
    vs("Shared-L7-EVH-0", PARENT, parent_metadata()),
    vs("Shared-L7-0", PARENT, parent_metadata(), vh_type=EVH),
    vs("Shared-L7-gold-0", PARENT, parent_metadata()),
    vs("Shared-L7-0", NORMAL),
    vs("shop.com", PARENT, parent_metadata()),
    vs("shop.com", CHILD, HOST),
    vs("0beec7b5ea3f0fdbc95d0dd47f3c5bc2", CHILD, HOST, vh_parent_vs_ref=AviRef(SHARED.type, "c--Shared-L7-EVH-0")),
    vs("shop.com", CHILD, HOST, vh_parent_vs_ref=AviRef(SHARED.type, "c--Shared-L7-gold-0")),
    vs("shop.com", CHILD, HOST, vh_parent_vs_ref=SHARED, vh_type=EVH),
    vs("shop.com-L7-dedicated", NORMAL, HOST),
    vs("Shared-Passthrough-x", NORMAL, parent_metadata()),
    vs("blue-web", NORMAL, SERVICE),
    vs("anything", NORMAL),
    vs("Shared-L7-0", "VS_TYPE_OF_TOMORROW"),
]


def is_odd(item: VirtualService, *, uid: str = "", mark: str = "", is_wanted: bool = False) -> bool:
    found = odd_virtual_services(
        [(item.ref, ObservedObject("u", item, cluster_uid=mark))], NAMES, uid, lambda _: is_wanted
    )
    return item.ref in found


@pytest.mark.parametrize("item", MADE, ids=lambda item: f"{item.vs_type} {item.name}")
def test_what_this_program_makes_or_ako_in_the_same_mode_is_not_odd(item: VirtualService) -> None:
    assert not is_odd(item)


@pytest.mark.parametrize("item", ODD, ids=lambda item: f"{item.vs_type} {item.name}")
def test_what_this_program_never_makes_is_odd_unless_it_made_it(item: VirtualService) -> None:
    assert is_odd(item)
    assert is_odd(item, uid="uid-1", mark="")
    assert is_odd(item, uid="uid-1", mark="uid-2")
    assert not is_odd(item, uid="uid-1", mark="uid-1")


@pytest.mark.parametrize("item", ODD, ids=lambda item: f"{item.vs_type} {item.name}")
def test_what_a_plugin_wants_is_not_odd_by_its_name(item: VirtualService) -> None:
    assert is_odd(item, is_wanted=True) is (item.vh_type == EVH)
