"""The states that Go AKO 2.2.1 left behind: clusters, and the objects on the Avi Controller that it made of them.

They are kept in one archive. The texts of its DataScripts are not part of it; scripts of our wording that do the same,
with the same pool groups, are put in their place.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.traffic.promise import NO_ROW, UNKNOWN, Promise
from tests.traffic.promises import promises
from tests.traffic.reading import Thing, spec

ARCHIVE = Path(__file__).parent / "data" / "go_ako.json.xz"
HTTP, L4 = "VS_DATASCRIPT_EVT_HTTP_REQ", "VS_DATASCRIPT_EVT_L4_REQUEST"

BY_LABEL = """\
-- Selects the member of the pool group whose label is the longest prefix of host and path, both in lower case.
local host = avi.http.get_host_tokens(1)
if host == nil then return end
local colon = string.find(host, ":", 1, true)
if colon ~= nil then host = string.sub(host, 1, colon - 1) end
local path = avi.http.get_path_tokens(1)
if path == nil then path = "" end
avi.poolgroup.select("@POOL_GROUP@", string.lower(host .. "/" .. path))
"""

BY_SERVER_NAME = """\
-- Selects the pool group of the host that the client hello names; a connection that names none is closed.
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
    avi.vs.close_conn()
  else
    avi.poolgroup.select("@PREFIX@" .. server)
  end
end
avi.l4.ds_done()
"""

NAMES_LOST = {
    "ingress__08-two-ingresses-same-host-04": "foo.com",
    "nodeport__04-last-node-removed-06": "foo.com",
    "routes__06-two-routes-same-host-04": "foo.com",
    "routes__23-edge-two-namespaces-allow-04": "foo.com",
}
"""Of several objects for a host one was deleted, and Go AKO took the name of the host from its VsVip: it still serves
what the others ask for, but DNS does not lead there any more."""
NOTHING_SERVED = "nothing in the cluster is for an Avi Controller"


@dataclass(frozen=True)
class State:
    """A cluster, and what Go AKO had made of it.

    Attributes:
        name: `<area>__<scenario>-<step>`.
        config: helm values; `L7Settings.shardHash` is ours, it knows the one only.
        cluster: objects as the API server gave them, with the statuses that were written.
        controller: objects by type, as a Controller stores them: with uuids, references as URLs.
        domains: the DNS domains of the Avi cloud.
    """

    name: str
    config: Mapping[str, Any]
    cluster: Sequence[Thing]
    controller: Mapping[str, Sequence[Mapping[str, Any]]]
    domains: tuple[str, ...]

    @property
    def promises(self) -> list[Promise]:
        """Give what clients must get; `theirs` is what the objects of `controller` give."""
        found = promises(self.cluster, self.config, self.domains)
        lost = NAMES_LOST.get(self.name)
        return [replace(one, theirs=UNKNOWN, decision=NO_ROW) if one.asked.to == lost else one for one in found]

    @property
    def emptiness(self) -> str:
        """Say why there is nothing to promise; empty if there is something."""
        sources = {"Ingress", "Route"}
        is_asked = any(
            one["kind"] in sources or (one["kind"] == "Service" and spec(one).get("type") == "LoadBalancer")
            for one in self.cluster
        )
        return "" if is_asked else NOTHING_SERVED


def names() -> list[str]:
    """List the states."""
    return sorted(_archive())


def state(name: str) -> State:
    """Give a state; its values are nobody else's, and may be changed."""
    kept = json.loads(json.dumps(_archive()[name]))
    controller = kept["controller"]
    prefix = f"{kept['config']['AKOSettings']['clusterName']}--"
    groups = {ref: item["name"] for item in controller.get("poolgroup", ()) for ref in [f"poolgroup/{item['uuid']}"]}
    for scripts in controller.get("vsdatascriptset", ()):
        refs = scripts.get("pool_group_refs") or ()
        used = [group for ref in refs for uuid, group in groups.items() if ref.endswith(uuid)]
        for script in scripts.get("datascript", ()):
            if "left out" in script["script"]:
                script["script"] = _script(script["evt"], used, prefix)
    return State(kept["name"], kept["config"], kept["cluster"], controller, domains_of(controller))


def _script(event: str, groups: Sequence[str], prefix: str) -> str:
    if event == L4:
        return BY_SERVER_NAME.replace("@PREFIX@", prefix)
    if event == HTTP and len(groups) == 1:
        return BY_LABEL.replace("@POOL_GROUP@", groups[0])
    raise ValueError(f"no script is known for {event} with pool groups {list(groups)}")


def domains_of(controller: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, ...]:
    """Give the DNS domains of the Avi cloud, by the profiles among the objects of a Controller."""
    profiles = controller.get("ipamdnsproviderprofile", ())
    found = [domain for one in profiles for domain in (one.get("internal_profile") or {}).get("dns_service_domain", ())]
    return tuple(domain["domain_name"] for domain in found)


@cache
def _archive() -> Mapping[str, Any]:
    kept = json.loads(lzma.decompress(ARCHIVE.read_bytes()))
    return {name: {**one, "name": name} for name, one in kept.items()}
