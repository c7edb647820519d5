"""What the hosts of one tree share: its VsVip, the parent virtual service, and what collects what each adds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.assemble.labels import members_apart
from ako.core.assemble.path_sets import path_sets
from ako.core.assemble.scripts import data_script_set
from ako.core.base.refs import AviRef
from ako.core.hooks.site import Site
from ako.core.hooks.translation import Contribution, ParentTemplate
from ako.core.model import (
    NORMAL,
    AttachedDataScriptSet,
    AttachedPolicySet,
    AviObject,
    HostMatch,
    HTTPPolicySet,
    ListeningPort,
    PoolGroup,
    PortMatch,
    RedirectAction,
    RequestMatch,
    RequestPolicy,
    RequestRule,
    VirtualService,
    VsVip,
)
from ako.core.model.extra import with_fields
from ako.core.translate.metadata import parent_metadata


def shared_objects(site: Site, parent: ParentTemplate, parts: Sequence[Contribution]) -> Iterator[AviObject]:
    """Give the VsVip, the parent, and what collects the contributions of its hosts."""
    redirect_hosts = tuple(sorted({host for part in parts for host in part.redirect_hosts}))
    yield _vsvip(site, parent, parts)
    if parent.is_vip_only and not parts:
        return
    if parent.has_pool_group:
        members = [member for part in parts for member in part.members]
        members_beside = members_apart(members, (fqdn for part in parts for fqdn in part.fqdns))
        yield PoolGroup(
            name=parent.name,
            created_by=site.names.created_by,
            cloud_ref=site.cloud,
            implicit_priority_labels=True,
            members=tuple(sorted(members_beside, key=lambda member: member.pool_ref.name)),
        )
    if parent.data_script is not None:
        yield data_script_set(site, parent, parts)
    numbered = tuple(path_sets(site, parent.name, parts))
    yield from (policies for _, policies in numbered)
    by_path = tuple(AttachedPolicySet(number, policies.ref) for number, policies in numbered)
    redirecting: tuple[AttachedPolicySet, ...] = ()
    if redirect_hosts:
        yield _redirect(site, parent.redirect_on, redirect_hosts)
        redirecting = (AttachedPolicySet(11, AviRef("httppolicyset", parent.redirect_on)),)
    if parent.redirect_on in {"", parent.name}:
        yield _virtual_service(site, parent, redirecting + by_path)
    elif redirect_hosts or parent.keeps_redirector:
        yield _virtual_service(site, parent, by_path, child=parent.redirect_on)
        yield _redirector(site, parent, redirecting)
    else:
        yield _virtual_service(site, parent, by_path)


def _vsvip(site: Site, parent: ParentTemplate, parts: Iterable[Contribution]) -> VsVip:
    fqdns = sorted({fqdn for part in parts for fqdn in part.fqdns})
    names = ([parent.default_fqdn] if parent.default_fqdn else []) + fqdns
    return site.vsvip(parent.name, names)


def _redirect(site: Site, name: str, hosts: tuple[str, ...]) -> HTTPPolicySet:
    rule = RequestRule(
        name=f"{name}-0",
        index=0,
        match=RequestMatch(host_hdr=HostMatch(hosts), vs_port=PortMatch((80,))),
        redirect_action=RedirectAction(),
    )
    return HTTPPolicySet(name=name, created_by=site.names.created_by, http_request_policy=RequestPolicy((rule,)))


def _redirector(site: Site, parent: ParentTemplate, policies: tuple[AttachedPolicySet, ...]) -> VirtualService:
    """Build the virtual service beside the parent, on its address, that sends plain HTTP there."""
    template = ParentTemplate(
        name=parent.redirect_on,
        vs_type=NORMAL,
        application_profile="System-HTTP",
        network_profile=parent.network_profile,
        services=(ListeningPort(80),),
    )
    made = _virtual_service(site, template, policies)
    return replace(made, vsvip_ref=AviRef("vsvip", parent.name), service_metadata=parent_metadata(parent=parent.name))


def _virtual_service(
    site: Site, parent: ParentTemplate, policies: tuple[AttachedPolicySet, ...], child: str = ""
) -> VirtualService:
    scripts = (AttachedDataScriptSet(0, AviRef("vsdatascriptset", parent.name)),) if parent.data_script else ()
    service = VirtualService(
        name=parent.name,
        created_by=site.names.created_by,
        vs_type=parent.vs_type,
        cloud_ref=site.cloud,
        vrf_context_ref=site.vrf,
        se_group_ref=site.se_group,
        application_profile_ref=AviRef("applicationprofile", parent.application_profile),
        network_profile_ref=AviRef("networkprofile", parent.network_profile),
        vsvip_ref=AviRef("vsvip", parent.name),
        services=parent.services,
        enable_rhi=site.enables_rhi,
        vs_datascripts=scripts,
        http_policies=policies,
        remove_listening_port_on_vs_down=parent.removes_listening_port,
        service_metadata=parent_metadata(child=child),
    )
    return with_fields(service, parent.fields)
