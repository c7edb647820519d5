"""What holds something up, in words, each with what ends that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import AviRef
from ako.core.explain.picture import Picture
from ako.core.hooks.claims import HostKey
from ako.core.hooks.translation import HostModel
from ako.core.model import AviObject
from ako.core.model.names import plain_name
from ako.core.plan.plan import Delete

HELD = "it waits with plan {id} for being confirmed, because too much at once would no longer be served"
STANDS_STILL = "nothing at all is deleted, because of virtual services that this program would never make"
PROTECTED = "what it may belong to cannot be read at present; what is not known takes nothing away"
LEFT = "somebody else made or changed it, and it is left so (ako.drift.policy)"
GOING = "it is about to be deleted"


def why_it_stays(picture: Picture, ref: AviRef) -> tuple[str, str]:
    """Say of an object that is there and not wanted whether it goes (`to be deleted`), or why it stays (`waits`)."""
    held = picture.held
    tree = picture.planner.tree_of(ref)
    if held.odd:
        return "waits", STANDS_STILL
    if held and tree in picture.planner.guard.waiting:
        return "waits", HELD.format(id=held.id)
    plan = picture.planner.weigh(tree).plan
    if any(operation.ref == ref for operation in plan.of(Delete)):
        return "to be deleted", "nobody wants it"
    return "waits", PROTECTED if picture.planner.protected.protection else LEFT


def waits_of(picture: Picture, key: HostKey, model: HostModel) -> Iterator[str]:
    """Give what holds up a host that is asked for."""
    if not model.tree:
        return
    substitute = picture.quarantine.substitutes(model.tree).get(key)
    if substitute is not None and not substitute.message:
        yield (
            "the Avi Controller refused what several hosts add to their shared objects; whose fault that is, is being "
            "found out by itself, and it is not this host's turn yet"
        )
    if fault := picture.quarantine.fault(model.tree):
        yield f"the Avi Controller refuses {model.tree} whoever is on it: {fault}. It is tried again by itself"


def notes_of(picture: Picture, key: HostKey, own: Iterable[AviObject]) -> Iterator[str]:
    """Give what is odd about a host, and nobody's fault: objects that are not called as they would be by themselves."""
    told: set[str] = set()
    for loss in picture.pipeline.contests.group(key):
        told.add(loss.other)
        yield f"another source has the name {loss.name} on the Avi Controller; {loss.other} stands for it here"
    objects = tuple(own)
    names = {(item.avi_type, item.name) for item in objects}
    for item in objects:
        plain = plain_name(item.name)
        if plain and item.name not in told and (item.avi_type, plain) in names:
            yield f"{item.avi_type} {item.name} would be called {plain}, but another path of the host has that name"


def waits_of_kept(picture: Picture, host: str, serving: Iterable[AviRef]) -> Iterator[str]:
    """Give what keeps a host served that nobody asks for."""
    if host in picture.held.served:
        yield HELD.format(id=picture.held.id)
        return
    yield from dict.fromkeys(why if state == "waits" else GOING for state, why in _fates(picture, serving))


def _fates(picture: Picture, refs: Iterable[AviRef]) -> Iterator[tuple[str, str]]:
    for ref in refs:
        if ref not in picture.desired_of(picture.planner.tree_of(ref)):
            yield why_it_stays(picture, ref)
