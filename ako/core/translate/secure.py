"""Hosts whose TLS we terminate: an SNI child with its certificate, a pool group a path, and one ordered policy set.

A virtual service takes some 16 policy sets, and which rule is asked first is only defined inside one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ako.core.base.refs import AviRef, NamespacedName
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.matching import Matching
from ako.core.hooks.site import Site
from ako.core.hooks.tls import Certificate
from ako.core.hooks.translation import NamedRule
from ako.core.model import (
    CA_CERTIFICATE,
    CHILD,
    AttachedPolicySet,
    AviObject,
    CaReference,
    CertificateText,
    HTTPPolicySet,
    RequestPolicy,
    RequestRule,
    SSLKeyAndCertificate,
    VirtualService,
    in_order,
)
from ako.core.model.names import Names
from ako.core.translate.metadata import child_metadata
from ako.core.translate.path_rules import suffix, switches
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import WantedRule

POLICY_INDEX = 11
"""The number of the policy set, as AKO has it, which leaves room before it."""


def wanted_secure(host: VirtualHost, names: Names, matching: Matching) -> list[WantedRule]:
    """Give the rules with the names of their pool groups."""
    return [
        WantedRule(
            served,
            names.secure_path(host.host, served.rule.path, served.claim.source.namespaced_name)
            + suffix(served, matching),
            has_group=True,
        )
        for served in host.secure
    ]


def translate_secure(
    host: VirtualHost, rules: Sequence[NamedRule], certificate: Certificate, parent: str, builder: PoolBuilder
) -> tuple[AviObject, ...]:
    """Build the SNI child of a host on its parent, in the order of the rules: longest path first."""
    if not rules:
        return ()
    site = builder.site
    matching = site.tls_matching
    pools = (item for rule in rules for item in _path(host, rule, builder))
    switched = (switch for rule in rules for switch in switches(host.host, rule, matching.patterns(rule.served.rule)))
    return (*sni_certificate(host, certificate, site), *pools, *sni_child(host, switched, parent, site))


def sni_certificate(host: VirtualHost, certificate: Certificate, here: Site) -> tuple[SSLKeyAndCertificate, ...]:
    """Build what the SNI child of a host presents: its certificate, and that of the authority before it, if given.

    Args:
        host: the host; the certificate is called like it, which is where `sni_child` looks for it.
        certificate: that of the host, in most cases `host.certificate`, which is None where nothing is `secure`.
        here: the site.
    """
    return tuple(_certificates(here.names.host(host.host), certificate, here))


def sni_child(
    host: VirtualHost, rules: Iterable[RequestRule], parent: str, here: Site
) -> tuple[HTTPPolicySet, VirtualService]:
    """Build the SNI child of a host: the policy set with its rules, and the virtual service that has it.

    Args:
        host: the host.
        rules: what is done with its requests over TLS, such as `switches` gives; of several that match, the one with
            the longest path counts, an exact one before a prefix, and of equal ones the first. They get their numbers.
        parent: the name of the shared virtual service, as in `ParentTemplate`; its type must be `ako.PARENT`.
        here: the site.
    """
    policies = HTTPPolicySet(
        name=here.names.secure_policy(host.host, host.oldest.source.namespace),
        created_by=here.names.created_by,
        http_request_policy=RequestPolicy(in_order(rules)),
    )
    return policies, _child(host, policies.ref, parent, here)


def _certificates(name: str, certificate: Certificate, site: Site) -> Iterator[SSLKeyAndCertificate]:
    authorities: tuple[CaReference, ...] = ()
    if certificate.ca_certificate:
        authority = SSLKeyAndCertificate(
            name=f"{name}-cacert",
            created_by=site.names.created_by,
            certificate_type=CA_CERTIFICATE,
            certificate=CertificateText(certificate.ca_certificate),
        )
        authorities = (CaReference(authority.ref),)
        yield authority
    yield SSLKeyAndCertificate(
        name=name,
        created_by=site.names.created_by,
        certificate=CertificateText(certificate.certificate),
        key=certificate.key,
        ca_certs=authorities,
    )


def _path(host: VirtualHost, rule: NamedRule, builder: PoolBuilder) -> Iterator[AviObject]:
    built = tuple(builder.build_named(rule, host.host))
    for pool in built:
        yield from pool.objects
    yield builder.group(rule.name, built)


def _child(host: VirtualHost, policies: AviRef, parent: str, site: Site) -> VirtualService:
    return VirtualService(
        name=site.names.host(host.host),
        created_by=site.names.created_by,
        vs_type=CHILD,
        cloud_ref=site.cloud,
        vrf_context_ref=site.vrf,
        se_group_ref=site.se_group,
        application_profile_ref=AviRef("applicationprofile", "System-Secure-HTTP"),
        network_profile_ref=AviRef("networkprofile", "System-TCP-Proxy"),
        vh_parent_vs_ref=AviRef("virtualservice", parent),
        vh_domain_name=(host.host,),
        ssl_key_and_certificate_refs=(AviRef("sslkeyandcertificate", site.names.host(host.host)),),
        http_policies=(AttachedPolicySet(POLICY_INDEX, policies),),
        service_metadata=child_metadata(_owners(host), host.host),
    )


def _owners(host: VirtualHost) -> Iterator[NamespacedName]:
    """Give the objects that are served over TLS, the oldest first: where nothing else has their ages, this has."""
    served = {rule.claim.source for rule in host.secure}
    return (claim.source.namespaced_name for claim in host.claims if claim.source in served)
