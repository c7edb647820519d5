"""One virtual host → its Avi objects on a shared virtual service."""

from __future__ import annotations

from ako.core.engine.view import View
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.site import shard, site
from ako.core.hooks.translation import Contribution, ParentTemplate, Translation
from ako.core.model import PARENT, AviObject, DataScript, ListeningPort
from ako.core.translate.insecure import translate_insecure, wanted_insecure
from ako.core.translate.pools import PoolBuilder
from ako.core.translate.rule_names import name_rules
from ako.core.translate.secure import translate_secure, wanted_secure

_SELECT_BY_LABEL = """\
-- Selects the member of the pool group whose label is the longest prefix of host and path, both in lower case.
local host = avi.http.get_host_tokens(1)
if host == nil then return end
local port = string.find(host, ":", 1, true)
if port ~= nil then host = string.sub(host, 1, port - 1) end
local path = avi.http.get_path_tokens(1)
if path == nil then path = "" end
avi.poolgroup.select("{pool_group}", string.lower(host .. "/" .. path))
"""


def translate_host(host: VirtualHost, view: View) -> Translation | None:
    """Translate a host with insecure rules, TLS that we terminate, or both; None for any other."""
    if not host.insecure and not host.secure:
        return None
    here = view.ask(site)
    key = host.oldest.source.namespace if here.shards_by_namespace else host.host
    parent = view.ask(shared_parent, view.ask(shard, key, host.host))
    plain, repeats = wanted_insecure(host, here.names)
    rules = name_rules([*plain, *wanted_secure(host, here.names)])
    builder = PoolBuilder(view, here)
    insecure = translate_insecure(host, rules[: len(plain)], builder)
    secure: tuple[AviObject, ...] = ()
    if host.certificate is not None:
        secure = translate_secure(host, rules[len(plain) :], host.certificate, parent.name, builder)
    return Translation(
        parent=parent,
        objects=insecure.objects + secure,
        contribution=Contribution(
            fqdns=(host.host,) if insecure.objects or secure else (),
            members=insecure.members,
            redirect_hosts=(host.host,) if host.redirect and secure else (),
        ),
        problems=(*repeats, *builder.placement_problems(host.served)),
        rules=rules,
    )


def shared_parent(view: View, number: int) -> ParentTemplate:
    """Give the shared virtual service of a shard (a query, so that all its hosts share the value)."""
    here = view.ask(site)
    name = here.names.shared(number)
    return ParentTemplate(
        name=name,
        vs_type=PARENT,
        application_profile="System-HTTP",
        network_profile="System-TCP-Proxy",
        services=(ListeningPort(80), ListeningPort(443, enable_ssl=True)),
        default_fqdn=here.default_fqdn(name),
        has_pool_group=True,
        data_script=DataScript("VS_DATASCRIPT_EVT_HTTP_REQ", _SELECT_BY_LABEL.format(pool_group=name)),
        redirect_on=name,
    )
