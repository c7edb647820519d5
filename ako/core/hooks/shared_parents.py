"""The shared virtual services that the core puts hosts on, and so may plugins."""

from __future__ import annotations

from ako.core.engine.view import View
from ako.core.hooks.site import site
from ako.core.hooks.translation import ParentTemplate
from ako.core.model import PARENT, DataScript, ListeningPort

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
