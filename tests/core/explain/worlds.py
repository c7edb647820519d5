"""Small worlds of Ingresses that share hosts, paths and virtual services."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.builders import Manifest, endpoints, ingress, service, tls_secret

BASE = (
    service("web"),
    endpoints("web", "10.0.0.1"),
    service("app"),
    endpoints("app", "10.0.0.2"),
    tls_secret("cert"),
)
"""What they all refer to."""

HOSTS = ("a.com", "b.com", "c.com", "*.d.com")

World = dict[str, Manifest]
"""Ingresses by name."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Give Ingresses by name, each of which asks for some paths of some hosts, some over TLS."""
    found = {}
    for name in draw(st.lists(st.sampled_from("pqrs"), unique=True, max_size=4)):
        hosts = draw(st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True))
        paths, services = st.sampled_from(["/", "/x", "/y"]), st.sampled_from(["web:80", "app:80"])
        rules = [(host, draw(paths), draw(services)) for host in hosts]
        secured = draw(st.lists(st.sampled_from(hosts), unique=True, max_size=1))
        found[name] = ingress(name, *rules, tls=dict.fromkeys(secured, "cert"))
    return found


def hosts_in(manifest: Manifest | None) -> set[str]:
    """Give the hosts that an Ingress asks for; none, if there is none."""
    return {rule["host"] for rule in manifest["spec"]["rules"]} if manifest else set()
