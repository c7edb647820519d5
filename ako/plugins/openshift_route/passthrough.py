"""Passthrough hosts: connections go to the servers as they are, by the name that the client hello asks for."""

from __future__ import annotations

from ako import (
    NORMAL,
    RENAMED,
    Contribution,
    DataScript,
    ListeningPort,
    ParentTemplate,
    PoolBuilder,
    Translation,
    View,
    VirtualHost,
    WantedRule,
    name_rules,
    passthrough_shard,
    site,
)

_BY_SERVER_NAME = """\
-- Selects the pool group of the host that the client hello names (SNI); a connection that names none is closed.
local tls = require "Default-TLS"
local collected = avi.l4.collect(20)
local hello = avi.l4.read()
local size = tls.get_req_buffer_size(hello)
if collected < size then
  avi.l4.collect(size)
  hello = avi.l4.read()
end
if not tls.sanity_check(hello) then
  avi.vs.close_conn()
else
  local server = tls.get_sni(tls.parse_record(hello))
  if server == nil then
    avi.vs.log("SNI not present")
    avi.vs.close_conn()
  else
    avi.vs.log("SNI=" .. server)
    {select}
  end
end
avi.l4.ds_done()
"""


_SELECT = 'avi.poolgroup.select("{prefix}" .. string.lower(server))'
_SELECT_RENAMED = f"""\
local renamed = {{{RENAMED}}}
    local group = "{{prefix}}" .. string.lower(server)
    avi.poolgroup.select(renamed[group] or group)"""


def translate_passthrough(host: VirtualHost, view: View) -> Translation:
    """Build the pool group of a passthrough host, and a pool for each of its Services."""
    here = view.ask(site)
    name = here.names.host(host.host)
    builder = PoolBuilder(view, here)
    rules = name_rules([WantedRule(served, name) for served in host.passthrough])
    built = [pool for rule in rules for pool in builder.build_named(rule, host.host)]
    group = builder.group(name, built)
    return Translation(
        parent=view.ask(passthrough_parent, view.ask(passthrough_shard, host.host)),
        objects=(*(item for pool in built for item in pool.objects), group),
        contribution=Contribution(
            fqdns=(host.host,),
            redirect_hosts=(host.host,) if host.redirect else (),
            pool_groups=(group.ref,),
        ),
        problems=tuple(builder.placement_problems(host.served)),
        rules=rules,
    )


def passthrough_parent(view: View, number: int) -> ParentTemplate:
    """Give the shared virtual service of a shard (a query, so that all its hosts share the value).

    Redirects come from a second virtual service on port 80 of the same address.
    """
    names = view.ask(site).names
    name = names.shared_passthrough(number)
    return ParentTemplate(
        name=name,
        vs_type=NORMAL,
        application_profile="System-L4-Application",
        network_profile="System-TCP-Proxy",
        services=(ListeningPort(443),),
        data_script=_script(_SELECT, names.prefix),
        renaming_script=_script(_SELECT_RENAMED, names.prefix),
        protocol_parsers=("Default-TLS",),
        redirect_on=f"{name}-insecure",
        removes_listening_port=True,
    )


def _script(select: str, prefix: str) -> DataScript:
    text = _BY_SERVER_NAME.replace("{select}", select).replace("{prefix}", prefix)
    return DataScript("VS_DATASCRIPT_EVT_L4_REQUEST", text)
