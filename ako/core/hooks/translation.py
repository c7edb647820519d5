"""What translation gives: a host's own Avi objects, the parent they hang on, and what the host adds to that parent."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from ako.core.base.refs import NO_TREE, AviRef, ObjectRef, TreeName
from ako.core.hooks.claims import PortClaim, Problem, ServedRule, VirtualHost
from ako.core.model import AviObject, DataScript, ListeningPort, PoolGroupMember, RequestRule
from ako.core.model.json_values import Json

RENAMED = "--[[renamed]]"
"""Stands in a script, as a comment of Lua, for what the core writes there."""


class ParentTemplate(Struct, frozen=True, kw_only=True):
    """A shared virtual service as every host on it must want it; the core fills in what the hosts add.

    Attributes:
        name: of the virtual service and its VsVip, and so of the tree.
        vs_type: `VS_TYPE_VH_PARENT` where children hang on it.
        application_profile: name of a profile on the Controller, such as `System-HTTP`.
        network_profile: likewise.
        services: listening ports.
        default_fqdn: DNS name the parent has for itself, empty for none.
        has_pool_group: it owns a pool group (of its own name) that collects the members hosts add.
        data_script: the script that picks a pool group; None for none.
        renaming_script: the one that does it where pool groups have other names than `data_script` works out for them;
            it has `RENAMED` where `["name"]="other name"` belongs for each of them, in a table of Lua.
        protocol_parsers: names of parsers the script uses.
        redirect_on: name of the virtual service that carries the redirect policy set; if that is another, it is made
            where a host wants a redirect, with plain HTTP on port 80 of the same address.
        keeps_redirector: that other virtual service stays when nobody wants a redirect any more.
        removes_listening_port: stop listening while the virtual service is down.
        is_vip_only: nothing of it is wanted but the VsVip, so that the address stays.
        is_retained: stays when its last host goes, until the next start.
        tenant: where it is, as in `AviRef`; filled in by the core.
        fields: more fields of the virtual service, under their names on the Controller, as `ako.extra` makes them of a
            mapping; a plugin declares them as fields of `VirtualService`.
    """

    name: str
    vs_type: str
    application_profile: str
    network_profile: str
    services: tuple[ListeningPort, ...]
    default_fqdn: str = ""
    has_pool_group: bool = False
    data_script: DataScript | None = None
    renaming_script: DataScript | None = None
    protocol_parsers: tuple[str, ...] = ()
    redirect_on: str = ""
    keeps_redirector: bool = False
    removes_listening_port: bool | UnsetType = UNSET
    is_retained: bool = True
    is_vip_only: bool = False
    tenant: str = ""
    fields: tuple[tuple[str, Json], ...] = ()

    @property
    def tree(self) -> TreeName:
        """Give what its tree is known by."""
        return TreeName(self.name, self.tenant)


class OwnTree(Struct, frozen=True):
    """Stands in for the parent where nothing is shared: the translation gives every object of the tree itself.

    Attributes:
        name: what the tree is known by: that of its VsVip.
        tenant: where it is, as in `AviRef`; filled in by the core.
    """

    name: str
    tenant: str = ""

    is_retained: ClassVar[bool] = False

    @property
    def tree(self) -> TreeName:
        """Give what the tree is known by."""
        return TreeName(self.name, self.tenant)


class Contribution(Struct, frozen=True, kw_only=True):
    """What one host adds to its parent.

    Attributes:
        fqdns: DNS names: that of the host, and others, which are had until somebody claims them.
        members: of the parent's pool group. On a shared virtual service their labels are such a name, and a path.
        rules: what of its plain HTTP requests no label can tell apart; their numbers are given by the core.
        redirect_hosts: hosts whose plain HTTP requests are all redirected.
        pool_groups: what the parent's script may select.
        renamed_groups: those of them that have another name, with it; filled in by the core.
    """

    fqdns: tuple[str, ...] = ()
    members: tuple[PoolGroupMember, ...] = ()
    rules: tuple[RequestRule, ...] = ()
    redirect_hosts: tuple[str, ...] = ()
    pool_groups: tuple[AviRef, ...] = ()
    renamed_groups: tuple[tuple[str, str], ...] = ()


class NamedRule(Struct, frozen=True):
    """A served rule and the names of what is made for it.

    Attributes:
        served: the rule, and the claim it comes from.
        name: of its pool group, if it has one; of its pool, if it has one only.
        pools: the names of its pools, one a backend.
        others: what else is called after it.
        has_group: it has more than pools.
    """

    served: ServedRule
    name: str
    pools: tuple[str, ...]
    others: tuple[str, ...] = ()
    has_group: bool = False


class Translation(Struct, frozen=True, kw_only=True):
    """The result of `ako_translate` for one virtual host or port claim.

    Attributes:
        parent: what the objects hang on.
        objects: they are the host's own; no two have one type and name.
        contribution: what the host adds to its parent.
        problems: what owners of its sources should know; each is about an object that claims the host.
        rules: which names are for which rules; all other objects are there for the host as a whole.
    """

    parent: ParentTemplate | OwnTree
    objects: tuple[AviObject, ...] = ()
    contribution: Contribution = Contribution()
    problems: tuple[Problem, ...] = ()
    rules: tuple[NamedRule, ...] = ()

    def with_fields(self, kind: type[AviObject], **fields: object) -> Translation:
        """Give it with other values in fields of all its objects of a type, such as `Pool`.

        Raises:
            TypeError: the type has no such field.
        """
        objects = tuple(replace(item, **fields) if type(item) is kind else item for item in self.objects)
        return replace(self, objects=objects)

    def with_objects(self, *objects: AviObject) -> Translation:
        """Give it with more objects."""
        return replace(self, objects=(*self.objects, *objects))

    def with_problems(self, *problems: Problem) -> Translation:
        """Give it with more that owners of its sources should know: about objects that claim the host alone."""
        return replace(self, problems=(*self.problems, *problems))


class HostModel(Struct, frozen=True):
    """One host with what was made of it; `translation` is None where nothing of it is served.

    `names` are all that it needs for its objects, each once.
    """

    virtual_host: VirtualHost | PortClaim
    translation: Translation | None
    names: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        """Give the key that decides between hosts: the older claim first, then the name."""
        return (*self.virtual_host.oldest.order, self.virtual_host.host)

    @property
    def tree(self) -> TreeName:
        """Give the tree it is on; none if nothing of it is served."""
        return self.translation.parent.tree if self.translation else NO_TREE

    @property
    def sources(self) -> tuple[ObjectRef, ...]:
        """Give every source object that claims the host."""
        return tuple(claim.source for claim in self.virtual_host.claims)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Give what settling and translating found."""
        return self.virtual_host.problems + (self.translation.problems if self.translation else ())
