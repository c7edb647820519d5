"""One virtual host → its Avi objects on a shared virtual service."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.engine.view import View
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.host_names import domain_under
from ako.core.hooks.shared_parents import shared_parent
from ako.core.hooks.site import Site, shard, site
from ako.core.hooks.translation import Contribution, Translation
from ako.core.model import AviObject, RequestRule
from ako.core.translate.insecure import port80_entries, translate_insecure, wanted_insecure
from ako.core.translate.path_rules import redirects
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import name_rules
from ako.core.translate.secure import translate_secure, wanted_secure


def translate_host(host: VirtualHost, view: View) -> Translation | None:
    """Translate a host with insecure rules, TLS that we terminate, or both; None for any other."""
    if not host.insecure and not host.secure:
        return None
    here = view.ask(site)
    key = host.oldest.source.namespace if here.shards_by_namespace else host.host
    parent = view.ask(shared_parent, view.ask(shard, key, host.host))
    entries = port80_entries(host, here.plain_matching)
    plain = wanted_insecure(host, entries, here.names, here.plain_matching)
    rules = name_rules([*plain, *wanted_secure(host, here.names, here.tls_matching)])
    builder = PoolBuilder(view, here)
    insecure = translate_insecure(host, entries, rules[: len(plain)], builder)
    secure: tuple[AviObject, ...] = ()
    if host.certificate is not None:
        secure = translate_secure(host, rules[len(plain) :], host.certificate, parent.name, builder)
    return Translation(
        parent=parent,
        objects=insecure.objects + secure,
        contribution=Contribution(
            fqdns=(host.host,) if insecure.objects or secure else (),
            members=insecure.members,
            rules=(*insecure.rules, *_redirected_domain(host, here, is_served=bool(secure))),
            redirect_hosts=(host.host,) if host.redirect and secure and not domain_under(host.host) else (),
        ),
        problems=tuple(builder.placement_problems(host.served)),
        rules=rules,
    )


def _redirected_domain(host: VirtualHost, here: Site, *, is_served: bool) -> Iterator[RequestRule]:
    """Give the redirect of all names under a domain, which the one for all hosts cannot name."""
    if host.redirect and is_served and domain_under(host.host):
        yield from redirects(host.host, here.names.host(host.host), (None,))
