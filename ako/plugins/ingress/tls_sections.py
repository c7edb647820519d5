"""The TLS sections of an Ingress: which host is served with which Secret, and what in them is in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ako import NamespacedName, ObjectRef, Problem, Termination, Tls
from ako.plugins.ingress.records import Ingress


class Section(NamedTuple):
    """A TLS section: where it is, and the Secret it names."""

    field: str
    secret: NamespacedName


def as_in_dns(host: str) -> str:
    """Give a host as DNS compares names."""
    return host.removesuffix(".").lower()


def sections_of(ingress: Ingress) -> dict[str, Section]:
    """Give the TLS section of each host named, wildcards among them; a host in two sections belongs to the first."""
    sections: dict[str, Section] = {}
    for index, section in enumerate(ingress.spec.tls or ()):
        secret = NamespacedName(ingress.metadata.namespace, section.secret_name or "")
        for host in section.hosts or ():
            sections.setdefault(as_in_dns(host), Section(f"spec.tls[{index}]", secret))
    return sections


def section_of(host: str, sections: Mapping[str, Section]) -> Section | None:
    """Give the section of a host of a rule: the one that names it, else one with a wildcard for its first label."""
    return sections.get(host) or sections.get(_wildcard(host))


def _wildcard(host: str) -> str:
    return f"*.{host.partition('.')[2]}"


def without_rule(sections: Mapping[str, Section], hosts: set[str], ref: ObjectRef) -> Iterator[Problem]:
    """Say which hosts of the sections are in vain, because the Ingress has no rule for them."""
    matched = hosts | set(map(_wildcard, hosts))
    for host, section in sections.items():
        if host not in matched:
            message = f"{section.field} names host {host}, for which there is no rule: nothing is done for it."
            yield Problem(ref, "TlsHostWithoutRule", message, "Add a rule for it, or take it out of the section.")


def tls_of(host: str, section: Section | None, ref: ObjectRef) -> tuple[Tls | None, Problem | None]:
    """Give how a host is served over TLS, None for plain HTTP; or why it is not served at all."""
    if section is None:
        return None, None
    if section.secret.name:
        return Tls(Termination.EDGE, section.secret), None
    message = (
        f"{section.field}.secretName is not set, so that host {host} has no certificate; its paths here are not served."
    )
    return None, Problem(ref, "CertificateMissing", message, "Name a TLS Secret.")
