"""What a plugin may say of a virtual service that hosts of others are on too: what the core says, and more fields."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ako.core.engine.view import View
from ako.core.hooks.claims import PortClaim, VirtualHost
from ako.core.hooks.judge.meaning import shown
from ako.core.hooks.shared_parents import shared_parent
from ako.core.hooks.site import site
from ako.core.hooks.translation import Contribution, OwnTree, Translation
from ako.core.model.names import is_shared_name

_DIGITS = 6
"""No number of a shard has so many."""


def shared_parent_faults(host: VirtualHost | PortClaim, answer: Translation, view: View) -> Iterator[str]:
    """Say what of a parent is not for one plugin to say; of one with a name of its own everything is."""
    parent, names = answer.parent, view.ask(site).names
    if isinstance(parent, OwnTree):
        return
    if not is_shared_name(parent.name):
        if is_shared_name(parent.redirect_on):
            yield f"parent.redirect_on is {parent.redirect_on}, which is the name of a shared virtual service"
        return
    if _numbered(parent.name, names.passthrough_stem) is not None:
        if parent.redirect_on not in {"", parent.name, f"{parent.name}-insecure"}:
            yield f"parent.redirect_on is {parent.redirect_on}, which is not {parent.name}-insecure"
    elif (number := _numbered(parent.name, names.shared_stem)) is None:
        yield f"parent.name is {parent.name}, and there is no such shared virtual service"
    else:
        wanted = replace(view.ask(shared_parent, number), fields=parent.fields)
        fields = (field for field in wanted.__struct_fields__ if getattr(parent, field) != getattr(wanted, field))
        yield from (f"parent.{field} is another than that of {parent.name}, where other hosts are" for field in fields)
        yield from _label_faults(host, answer.contribution)


def _label_faults(host: VirtualHost | PortClaim, added: Contribution) -> Iterator[str]:
    """A label is the beginning of a host and a path: any other would take the requests of others.

    A path that does not begin with a slash is its user's, and what the core makes of it is let in.
    """
    served = host.served if isinstance(host, VirtualHost) else ()
    labels = {f"{host.host}{one.rule.path}".lower() for one in served}
    own = {name.lower() for name in (host.host, *added.fqdns) if name}
    for index, member in enumerate(added.members):
        label = member.priority_label or ""
        if label.partition("/")[0].lower() not in own and label.lower() not in labels:
            where = f"contribution.members[{index}].priority_label"
            yield f"{where} is {shown(label)}, which is not {host.title} nor in fqdns"


def _numbered(name: str, stem: str) -> int | None:
    number = name.removeprefix(stem) if name.startswith(stem) else ""
    return int(number) if number.isdecimal() and number.isascii() and len(number) < _DIGITS else None
