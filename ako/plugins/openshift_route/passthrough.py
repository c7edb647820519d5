"""Passthrough hosts: connections go to the servers as they are, by the name that the client hello asks for."""

from __future__ import annotations

from collections.abc import Container

from ako import (
    MAX_NAME_BYTES,
    NORMAL,
    AviRef,
    BuiltPool,
    Contribution,
    DataScript,
    ListeningPort,
    ParentTemplate,
    PoolBuilder,
    PoolGroup,
    Problem,
    Translation,
    View,
    VirtualHost,
    passthrough_shard,
    site,
)

_SELECT_BY_SERVER_NAME = """\
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
    avi.poolgroup.select("{prefix}" .. string.lower(server))
  end
end
avi.l4.ds_done()
"""


def translate_passthrough(host: VirtualHost, view: View) -> Translation:
    """Build the pool group of a passthrough host, and a pool for each of its Services."""
    here = view.ask(site)
    name = here.names.host(host.host.lower())
    builder = PoolBuilder(view, here)
    built: dict[str, BuiltPool] = {}
    problems: list[Problem] = []
    for served in host.passthrough:
        for pool in builder.build(served, host.host, here.names.host(host.host)):
            if fault := _fault(pool.pool.name, built):
                problems.append(Problem(served.claim.source, *fault))
            else:
                built[pool.pool.name] = pool
    problems += builder.placement_problems(host.served)
    parent = view.ask(passthrough_parent, view.ask(passthrough_shard, host.host))
    if not built:
        return Translation(parent=parent, problems=tuple(problems))
    group = PoolGroup(
        name=name,
        created_by=here.names.created_by,
        cloud_ref=here.cloud,
        members=tuple(pool.member() for pool in built.values()),
    )
    return Translation(
        parent=parent,
        objects=(*(item for pool in built.values() for item in pool.objects), group),
        contribution=Contribution(
            fqdns=(host.host,),
            redirect_hosts=(host.host,) if host.redirect else (),
            pool_groups=(AviRef("poolgroup", name),),
        ),
        problems=tuple(problems),
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
        data_script=DataScript("VS_DATASCRIPT_EVT_L4_REQUEST", _SELECT_BY_SERVER_NAME.format(prefix=names.prefix)),
        protocol_parsers=("Default-TLS",),
        redirect_on=f"{name}-insecure",
        removes_listening_port=True,
    )


def _fault(pool: str, built: Container[str]) -> tuple[str, str, str] | None:
    if len(pool.encode()) > MAX_NAME_BYTES:
        message = f"would need an Avi object with a name over {MAX_NAME_BYTES} bytes: {pool[:80]}…"
        return "NameTooLong", message, "Shorten the host or the name of the Service."
    if pool in built:
        return "NameConflict", f"would need the Avi object {pool}, which an older Route has.", "Use another Service."
    return None
