"""One virtual host → its Avi objects on a shared virtual service."""

from __future__ import annotations

from collections.abc import Iterator

from ako.core.engine.view import View
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.host_names import domain_under
from ako.core.hooks.site import Site, shard, site
from ako.core.hooks.translation import Contribution, ParentTemplate, Translation
from ako.core.model import PARENT, AviObject, DataScript, ListeningPort, RequestRule
from ako.core.translate.insecure import port80_entries, translate_insecure, wanted_insecure
from ako.core.translate.path_rules import redirects
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import name_rules
from ako.core.translate.secure import translate_secure, wanted_secure

_SELECT_BY_LABEL = """\
-- Selects the member of the pool group whose label is the longest prefix of host and path, {case}.
local host = avi.http.get_host_tokens(1)
if host == nil then return end
local port = string.find(host, ":", 1, true)
if port ~= nil then host = string.sub(host, 1, port - 1) end
local path = avi.http.get_path_tokens(1)
if path == nil then path = "" end
avi.poolgroup.select("{pool_group}", {label})
"""
_CASES = {
    False: ("both in lower case", 'string.lower(host .. "/" .. path)'),
    True: ("the host in lower case", 'string.lower(host) .. "/" .. path'),
}
"""What is looked up, by whether case of paths counts."""


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


def shared_parent(view: View, number: int) -> ParentTemplate:
    """Give the shared virtual service of a shard (a query, so that all its hosts share the value).

    Its children are SNI children (`sni_child`), its pool group takes members with labels of host and path
    (`Contribution.members`), and what no label can say is a rule (`Contribution.rules`). To have other ports, profiles
    or another name, give `replace(view.ask(shared_parent, number), …)`: what all hosts on it must agree on.

    Args:
        view: `view.ask(shared_parent, number)`.
        number: of the shard, such as `view.ask(shard, key, host)` gives it.
    """
    here = view.ask(site)
    name = here.names.shared(number)
    case, label = _CASES[here.matches_elements]
    script = _SELECT_BY_LABEL.format(pool_group=name, case=case, label=label)
    return ParentTemplate(
        name=name,
        vs_type=PARENT,
        application_profile="System-HTTP",
        network_profile="System-TCP-Proxy",
        services=(ListeningPort(80), ListeningPort(443, enable_ssl=True)),
        default_fqdn=here.default_fqdn(name),
        has_pool_group=True,
        data_script=DataScript("VS_DATASCRIPT_EVT_HTTP_REQ", script),
        redirect_on=name,
    )
