"""The TLS section of a Route → how its host is served over TLS."""

from __future__ import annotations

from collections.abc import Iterator

from ako import (
    SETTINGS,
    InlineCertificate,
    InsecurePolicy,
    NamespacedName,
    ObjectRef,
    Problem,
    Termination,
    Tls,
    View,
)
from ako.plugins.openshift_route.records import RouteTls

DEFAULT = "L7Settings.defaultRouteCertificate"
FIELDS = ("tls.certificate", "tls.key", "tls.caCertificate")


def tls_of(tls: RouteTls, ref: ObjectRef, view: View) -> tuple[Tls | None, tuple[Problem, ...]]:
    """Read a TLS section; None with the reason if it cannot be served."""
    try:
        termination = Termination(tls.termination)
    except ValueError:
        known = ", ".join(kind.value for kind in Termination)
        message = f"tls.termination {tls.termination or '(none)'} is not known."
        return None, (Problem(ref, "UnknownTermination", message, f"Use one of {known}."),)
    policy, problems = _insecure_policy(tls, termination, ref)
    if termination is Termination.PASSTHROUGH:
        return Tls(termination, insecure=policy), problems
    certificate = _certificate(tls, view)
    if certificate is None:
        missing = " and no ".join(_missing(tls))
        message = f"termination {termination.value} needs a certificate and its key; there is no {missing}."
        if tls.external_certificate is not None:
            message += " tls.externalCertificate is not supported."
        remedy = f"Write tls.certificate and tls.key, or have {DEFAULT} name a TLS Secret."
        return None, (Problem(ref, "CertificateMissing", message, remedy),)
    if tls.external_certificate is not None:
        message = "tls.externalCertificate is not supported: this Route has another certificate."
        remedy = "Write tls.certificate and tls.key instead."
        problems += (Problem(ref, "ExternalCertificateIgnored", message, remedy),)
    destination_ca = tls.destination_ca_certificate or "" if termination is Termination.REENCRYPT else ""
    named_by = DEFAULT if isinstance(certificate, NamespacedName) else ""
    return Tls(termination, certificate, policy, destination_ca, named_by), problems


def _insecure_policy(
    tls: RouteTls, termination: Termination, ref: ObjectRef
) -> tuple[InsecurePolicy, tuple[Problem, ...]]:
    """Give what happens to plain HTTP; what cannot be had is None, which serves least."""
    text = tls.insecure_edge_termination_policy or "None"
    supported = [policy for policy in InsecurePolicy if _is_supported(policy, termination)]
    policy = next((policy for policy in supported if policy.value == text), None)
    if policy is not None:
        return policy, ()
    message = f"insecureEdgeTerminationPolicy {text} is not supported with {termination.value}; served as None."
    remedy = f"Use one of {', '.join(policy.value for policy in supported)}."
    return InsecurePolicy.NONE, (Problem(ref, "InsecurePolicyUnsupported", message, remedy),)


def _is_supported(policy: InsecurePolicy, termination: Termination) -> bool:
    """Say whether a policy goes with a termination: the servers behind passthrough speak TLS only."""
    return not (policy is InsecurePolicy.ALLOW and termination is Termination.PASSTHROUGH)


def _certificate(tls: RouteTls, view: View) -> InlineCertificate | NamespacedName | None:
    """Give the Route's own certificate, else the default one, which comes without the Route's CA."""
    if tls.certificate and tls.key:
        return InlineCertificate(tls.certificate, tls.key, tls.ca_certificate or "", FIELDS)
    return view.input(SETTINGS).l7_settings.default_route_certificate


def _missing(tls: RouteTls) -> Iterator[str]:
    yield from (field for field, text in zip(FIELDS, (tls.certificate, tls.key), strict=False) if not text)
