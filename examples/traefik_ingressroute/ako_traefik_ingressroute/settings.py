"""The section `ako.traefik_ingressroute` of the settings."""

from __future__ import annotations

from ako import Section, setting


class TraefikSettings(Section):
    """Which IngressRoutes are served, and what their entry points are called."""

    ingress_class: str = setting(
        "", "Only IngressRoutes with this value of the annotation kubernetes.io/ingress.class are served; empty: all."
    )
    plain_entry_point: str = setting("web", "Name of the entry point at port 80.")
    tls_entry_point: str = setting("websecure", "Name of the entry point at port 443.")
    redirect: bool = setting(
        default=False, description="true: redirect plain HTTP requests for hosts of IngressRoutes with TLS."
    )
