"""A host that is served although nobody asks for it any more: told by what is written on the objects there."""

from __future__ import annotations

from ako.core.base.refs import AviRef
from ako.core.explain.answer import HostTold, PoolTold, ServerTold
from ako.core.explain.objects import Objects
from ako.core.explain.picture import Picture
from ako.core.explain.waits import waits_of_kept
from ako.core.model import CHILD, Pool
from ako.core.observe.served import tree_of


def kept_told(picture: Picture, objects: Objects, host: str) -> HostTold | None:
    """Give a host that is still served; None if it is not."""
    serving = sorted(picture.observed.serving(host))
    service = next((found for ref in serving for found in picture.observed.entrances(ref)), None)
    if service is None:
        return None
    tree = tree_of(service)
    vsvip = picture.observed.vsvip(tree)
    return HostTold(
        host=host,
        state="kept",
        verdict="still served as it was, although nobody asks for it any more",
        addresses=vsvip.addresses if vsvip else (),
        virtual_service=service.name,
        parent=tree.name if service.vs_type == CHILD else "",
        tenant=tree.tenant,
        pools=tuple(told for ref in serving if (told := _pool(picture, ref)) is not None),
        objects=tuple(map(objects.found, serving)),
        waits=tuple(waits_of_kept(picture, host, serving)),
    )


def _pool(picture: Picture, ref: AviRef) -> PoolTold | None:
    seen = picture.observed.get(ref)
    if seen is None or not isinstance(seen.object, Pool):
        return None
    return PoolTold(ref.name, servers=tuple(ServerTold(one.ip.addr, one.port) for one in seen.object.servers))
