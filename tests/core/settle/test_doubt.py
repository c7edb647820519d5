"""A certificate that cannot be read puts in doubt what one object claims of one host, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.assemble.doubt import Doubt
from ako.core.base.refs import ObjectRef
from ako.core.hooks.translation import HostModel
from ako.plugins.ingress.records import INGRESS
from tests.builders import Fed, Manifest, endpoints, ingress, secret, service, tls_secret
from tests.properties import share_of

HOSTS = ("a.com", "b.com", "c.com")
SECRETS = ("one", "two")
STATES = ("a.com", "b.com", "garbage", "")
"""What a Secret may hold: a certificate, by its host; garbage; nothing, as it is not there."""
BASE = (service("web"), endpoints("web", "10.0.0.1"))
DAYS = {"first": "2026-01-01T00:00:00Z", "second": "2026-01-02T00:00:00Z"}

Spec = Mapping[str, tuple[Sequence[str], str]]
"""Of an Ingress: host → paths, and the Secret; empty for plain HTTP."""
Memory = dict[tuple[str, str], str]
"""How a claim, of an Ingress and a host, was secured when that could last be read: "plain", or what its Secret held."""


def manifest_of(name: str, spec: Spec) -> Manifest:
    rules = [(host, path, "web:80") for host, (paths, _) in spec.items() for path in paths]
    tls = {host: where for host, (_, where) in spec.items() if where}
    return ingress(name, *rules, tls=tls, created=DAYS[name])


def put_secret(fed: Fed, name: str, state: str) -> None:
    if state:
        fed.apply(secret(name, "x", "y") if state == "garbage" else tls_secret(name, state))
    else:
        fed.delete(secret(name, "", ""))


def remembered(memory: Memory, specs: Mapping[str, Spec], secrets: Mapping[str, str]) -> Memory:
    """Give how every claim is secured by now; what cannot be read stays as it was, and is not there if it never was."""
    now: Memory = {}
    for name, spec in specs.items():
        for host, (_, where) in spec.items():
            state = secrets[where] if where else "plain"
            if state != "garbage":
                now[name, host] = state
            elif (name, host) in memory:
                now[name, host] = memory[name, host]
    return now


def from_scratch(memory: Memory, specs: Mapping[str, Spec]) -> Fed:
    """Build what is to be served, as if the Secrets of the claims in doubt still were as they are remembered."""
    fed = Fed()
    fed.apply(*BASE)
    for name, spec in specs.items():
        hosts: dict[str, tuple[Sequence[str], str]] = {}
        for host, (paths, _) in spec.items():
            state = memory.get((name, host), "")
            if state:
                hosts[host] = (paths, "" if state == "plain" else state)
        fed.apply(manifest_of(name, hosts))
    fed.apply(*(tls_secret(host, host) for host in HOSTS))
    fed.pipeline.refresh()
    return fed


def made_of(fed: Fed, host: str) -> object:
    """Give everything that a host brings to the Controller."""
    model: HostModel | None = fed.pipeline.hosts.value(host)
    if model is None or model.translation is None:
        return None
    return model.tree, model.translation.objects, model.translation.contribution


SPECS = st.dictionaries(
    st.sampled_from(HOSTS),
    st.tuples(
        st.lists(st.sampled_from(("/", "/x", "/y")), min_size=1, unique=True), st.sampled_from(("", *SECRETS, *SECRETS))
    ),
    min_size=1,
)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(tuple(DAYS)), SPECS),
        st.tuples(st.sampled_from(SECRETS), st.sampled_from((*STATES, "garbage"))),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=share_of(100))
@given(EDITS)
def test_whatever_is_edited_only_the_certificate_that_cannot_be_read_stays_as_it_was(
    edits: Sequence[tuple[str, Any]],
) -> None:
    """All hosts, also those in doubt, are as from scratch with the certificate, or without TLS, as it last was."""
    fed, memory = Fed(), Memory()
    fed.apply(*BASE)
    specs: dict[str, Spec] = {}
    secrets = dict.fromkeys(SECRETS, "")
    for name, edit in edits:
        if name in secrets:
            secrets[name] = edit
            put_secret(fed, name, edit)
        else:
            specs[name] = edit
            fed.apply(manifest_of(name, edit))
        fed.pipeline.refresh()
        memory = remembered(memory, specs, secrets)
        fresh = from_scratch(memory, specs)
        for host in HOSTS:
            assert made_of(fed, host) == made_of(fresh, host), host
        assert set(fed.pipeline.doubts()) == set(never_read(memory, specs))


def never_read(memory: Memory, specs: Mapping[str, Spec]) -> Iterator[Doubt]:
    for name, spec in specs.items():
        for host, (_, where) in spec.items():
            if (name, host) not in memory:
                fault = f"secret: default/{where}: tls.crt holds no readable PEM certificate"
                yield Doubt(fault, source=ObjectRef(INGRESS, "default", name), host=host)


def test_what_a_secret_held_before_serves_nobody_new() -> None:
    """It is not there any more; only who was served with it keeps it."""
    fed = Fed()
    fed.apply(*BASE, tls_secret("one", "a.com"), manifest_of("first", {"a.com": (["/"], "one")}))
    fed.pipeline.refresh()
    fed.apply(secret("one", "x", "y"), manifest_of("second", {"b.com": (["/"], "one")}))
    fed.pipeline.refresh()
    assert made_of(fed, "a.com") is not None
    assert made_of(fed, "b.com") is None


def test_a_claim_that_goes_and_comes_back_is_a_new_one() -> None:
    fed = Fed()
    served = manifest_of("first", {"a.com": (["/"], "one")})
    fed.apply(*BASE, tls_secret("one", "a.com"), served)
    fed.pipeline.refresh()
    fed.apply(secret("one", "x", "y"))
    fed.pipeline.refresh()
    assert made_of(fed, "a.com") is not None
    fed.delete(served)
    fed.pipeline.refresh()
    fed.apply(served)
    fed.pipeline.refresh()
    assert made_of(fed, "a.com") is None
