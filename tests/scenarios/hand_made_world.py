"""A small world made by hand, for the tests of the checker: an Avi Controller, a cluster, a log, some requests."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.scenarios.avi_view import AviView
from tests.scenarios.scenario import JsonObject
from tests.scenarios.world import AviRequest, Sent, World

SHARED = "c--Shared-L7-0"
CHILD = "c--foo.com"
L4 = "c--red-svc"
BARE = "c--bare"
CONDITION = {"type": "Deleting", "status": "False", "reason": "Done", "message": "all gone"}
STARTED = {"type": "Deleting", "status": "True", "reason": "Started", "message": "going"}
OWN_SET = {"namespace": "avi-system", "name": "ako"}


def ref(type_: str, name: str) -> str:
    return f"https://avi/api/{type_}/{type_}-{name}#{name}"


def avi_object(type_: str, name: str, **fields: Any) -> JsonObject:
    return {"uuid": f"{type_}-{name}", "name": name, "url": ref(type_, name), **fields}


def avi_pool(name: str, address: str, **fields: Any) -> JsonObject:
    return avi_object("pool", name, servers=[{"ip": {"addr": address, "type": "V4"}, "port": 8080}], **fields)


def rule(name: str, host: str, **action: Any) -> JsonObject:
    host_match = {"match_criteria": "HDR_EQUALS", "value": [host]}
    return {"name": name, "index": 0, "match": {"host_hdr": host_match, **action.pop("match", {})}, **action}


REDIRECT = rule(
    f"{SHARED}-0",
    "foo.com",
    match={"vs_port": {"match_criteria": "IS_IN", "ports": [80]}},
    redirect_action={"protocol": "HTTPS", "port": 443, "status_code": "HTTP_REDIRECT_STATUS_CODE_302"},
)
SWITCH = rule(
    "c--group-0",
    "foo.com",
    match={"path": {"match_criteria": "BEGINS_WITH", "match_case": "SENSITIVE", "match_str": ["/foo"]}},
    switching_action={"pool_group_ref": ref("poolgroup", "c--group")},
)
L4_RULE = {
    "match": {"port": {"match_criteria": "IS_IN", "ports": [53]}, "protocol": {"protocol": "PROTOCOL_UDP"}},
    "action": {"select_pool": {"pool_ref": ref("pool", "c--red-svc--53")}},
}
OUTSIDERS = {
    "name": "outsiders",
    "index": 0,
    "enable": True,
    "action": "NETWORK_SECURITY_POLICY_ACTION_TYPE_DENY",
    "match": {
        "client_ip": {"match_criteria": "IS_NOT_IN", "prefixes": [{"ip_addr": {"addr": "10.0.0.0"}, "mask": 8}]},
        "vs_port": {"match_criteria": "IS_IN", "ports": [53]},
    },
}
SCRIPT = 'avi.poolgroup.select("s", string.lower(host .. "/" .. path))'
ROUTES = [
    {
        "route_id": "c-1",
        "prefix": {"ip_addr": {"addr": "10.244.0.0"}, "mask": 24},
        "next_hop": {"addr": "10.1.1.2"},
        "labels": [{"key": "clustername", "value": "c"}],
    },
    {"route_id": "9", "prefix": {"ip_addr": {"addr": "0.0.0.0"}, "mask": 0}, "next_hop": {"addr": "10.1.1.1"}},
]


def vsvip(name: str, address: str, *fqdns: str) -> JsonObject:
    vip = {"vip_id": "0", "ip_address": {"addr": address}}
    return avi_object("vsvip", name, vip=[vip], dns_info=[{"fqdn": fqdn} for fqdn in fqdns])


def policy_use(kind: str, name: str) -> list[JsonObject]:
    return [{"index": 11, f"{kind}_ref": ref(kind.replace("_", ""), name)}]


AVI: dict[str, list[JsonObject]] = {
    "virtualservice": [
        avi_object(
            "virtualservice",
            SHARED,
            type="VS_TYPE_VH_PARENT",
            tenant_ref=ref("tenant", "admin"),
            services=[{"port": 80, "enable_ssl": False}, {"port": 443, "enable_ssl": True}],
            vsvip_ref=ref("vsvip", SHARED),
            vs_datascripts=[{"index": 0, "vs_datascript_set_ref": ref("vsdatascriptset", SHARED)}],
            http_policies=policy_use("http_policy_set", SHARED),
            application_profile_ref=ref("applicationprofile", "System-HTTP"),
            network_profile_ref=ref("networkprofile", "System-TCP-Proxy"),
        ),
        avi_object(
            "virtualservice",
            CHILD,
            type="VS_TYPE_VH_CHILD",
            vh_parent_vs_ref=ref("virtualservice", SHARED),
            vh_domain_name=["foo.com"],
            ssl_key_and_certificate_refs=[ref("sslkeyandcertificate", CHILD)],
            http_policies=policy_use("http_policy_set", "c--group"),
        ),
        avi_object(
            "virtualservice",
            L4,
            services=[{"port": 53}],
            vsvip_ref=ref("vsvip", L4),
            network_security_policy_ref=ref("networksecuritypolicy", L4),
            l4_policies=policy_use("l4_policy_set", L4),
        ),
        avi_object("virtualservice", BARE, services=[{"port": 80}]),
    ],
    "tenant": [avi_object("tenant", "admin")],
    "applicationprofile": [avi_object("applicationprofile", "System-HTTP")],
    "networkprofile": [avi_object("networkprofile", "System-TCP-Proxy")],
    "sslprofile": [avi_object("sslprofile", "System-Standard")],
    "pkiprofile": [avi_object("pkiprofile", "c--pki")],
    "vsvip": [vsvip(SHARED, "10.0.0.1", "foo.com", "own.name.com"), vsvip(L4, "80.80.80.80")],
    "vsdatascriptset": [
        avi_object(
            "vsdatascriptset", SHARED, datascript=[{"script": SCRIPT}], pool_group_refs=[ref("poolgroup", SHARED)]
        )
    ],
    "httppolicyset": [
        avi_object("httppolicyset", SHARED, http_request_policy={"rules": [REDIRECT]}),
        avi_object("httppolicyset", "c--group", http_request_policy={"rules": [SWITCH]}),
    ],
    "l4policyset": [avi_object("l4policyset", L4, l4_connection_policy={"rules": [L4_RULE]})],
    "networksecuritypolicy": [avi_object("networksecuritypolicy", L4, rules=[OUTSIDERS])],
    "poolgroup": [
        avi_object(
            "poolgroup",
            SHARED,
            members=[{"pool_ref": ref("pool", "c--plain"), "priority_label": "foo.com/bar", "ratio": 100}],
        ),
        avi_object("poolgroup", "c--group", members=[{"pool_ref": ref("pool", "c--secure"), "ratio": 60}]),
    ],
    "pool": [
        avi_pool("c--plain", "1.1.1.1"),
        avi_pool(
            "c--secure",
            "1.1.1.2",
            sni_enabled=True,
            ssl_profile_ref=ref("sslprofile", "System-Standard"),
            pki_profile_ref=ref("pkiprofile", "c--pki"),
        ),
        avi_pool("c--red-svc--53", "1.1.1.3"),
    ],
    "sslkeyandcertificate": [
        avi_object(
            "sslkeyandcertificate",
            CHILD,
            certificate={"certificate": "CERT\n"},
            key="KEY\n",
            ca_certs=[{"ca_ref": ref("sslkeyandcertificate", "c--foo.com-cacert")}],
        ),
        avi_object("sslkeyandcertificate", "c--foo.com-cacert"),
    ],
    "vrfcontext": [avi_object("vrfcontext", "global", static_routes=ROUTES)],
    "serviceenginegroup": [
        avi_object("serviceenginegroup", "Default-Group", labels=[{"key": "clustername", "value": "c"}])
    ],
}


def tls_secret(certificate: str, key: str) -> JsonObject:
    data = {"tls.crt": certificate, "tls.key": key}
    return {"data": {name: base64.b64encode(text.encode()).decode() for name, text in data.items()}}


def load_balancer(hostname: str, address: str) -> JsonObject:
    return {"status": {"loadBalancer": {"ingress": [{"hostname": hostname, "ip": address}]}}}


ADMITTED = {"type": "Admitted", "status": "True", "reason": "Fine", "message": "10.0.0.1"}
CLUSTER: dict[tuple[str, str, str], list[JsonObject]] = {
    ("Ingress", "default", "web"): [load_balancer("foo.com", "10.0.0.1")],
    ("Service", "red", "svc"): [load_balancer("svc.red.com", "80.80.80.80")],
    ("Route", "default", "web"): [
        {
            "spec": {"tls": {"certificate": "CERT", "key": "KEY"}},
            "status": {"ingress": [{"host": "foo.com", "routerName": "ako-c", "conditions": [ADMITTED]}]},
        }
    ],
    ("Secret", "default", "good"): [tls_secret("CERT", "KEY\n")],
    ("Secret", "default", "other-key"): [tls_secret("CERT", "OTHER")],
    ("StatefulSet", "avi-system", "ako"): [
        {"status": {"conditions": [STARTED]}},
        {"status": {"conditions": [CONDITION]}},
    ],
}
LOG = ["09:00 INFO start", "09:01 WARN key: Ingress/default/web, msg: Duplicate entries found"]
REQUESTS = [
    AviRequest(1, "POST", "/api/pool", "pool", "c--plain", 201, is_write=True),
    AviRequest(2, "POST", "/api/pool", "pool", "c--secure", 503, is_write=True),
    AviRequest(3, "POST", "/api/pool", "pool", "c--secure", 201, is_write=True),
    AviRequest(4, "POST", "/login", "", "", 200, is_write=False),
]

WRAPPED = base64.encodebytes(
    b"a long text before what is WRAPPED, and after it so much more that there is a second line"
)
SENT = [
    Sent("POST", "/login", {"username": "USER", "password": "PASSWORD"}),
    Sent("GET", "/api/pool?name=c--ASKED"),
    Sent(
        "PUT", "/api/sslkeyandcertificate/x", {"key": "KEY-PUT", "certificate": {"certificate": "CERT", "key": "LEAK"}}
    ),
    Sent(
        "POST", "/api/macro", {"model_name": "SSLKeyAndCertificate", "data": {"key": "KEY-OF-MACRO", "name": "MACRO"}}
    ),
    Sent("POST", "/api/pool", {"key": "KEY-OF-POOL", "markers": [{"key": "MARKER", "values": [WRAPPED.decode()]}]}),
    Sent("POST", "/api/pool", {"description": f"crt{base64.urlsafe_b64encode(b'what is ENCODED, ~~~???').decode()}"}),
    Sent("POST", "/api/pool", "NO JSON"),
]


EVENTS = [
    {
        "involvedObject": {"kind": "Ingress", "namespace": "default", "name": "web"},
        "type": "Warning",
        "reason": "Duplicate",
        "message": "Somebody else has it",
    },
    {
        "regarding": {"kind": "Ingress", "namespace": "default", "name": "web"},
        "type": "Normal",
        "reason": "Served",
        "note": "At 10.0.0.1",
    },
]


class HandMadeCluster:
    """Objects by identity, each with its versions, the present one last."""

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        versions = self.history(kind, namespace, name)
        return versions[-1] if versions else None

    def events(self) -> Sequence[JsonObject]:
        return EVENTS

    def history(self, kind: str, namespace: str, name: str) -> Sequence[JsonObject]:
        return CLUSTER.get((kind, namespace, name), [])


def world(*, requests_of_this_run: Sequence[AviRequest] = REQUESTS) -> World:
    return World(
        cluster_name="c",
        avi=AviView(lambda type_: AVI.get(type_, [])),
        cluster=HandMadeCluster(),
        requests=REQUESTS,
        requests_of_this_run=requests_of_this_run,
        log_lines=lambda: LOG,
        ready=lambda: True,
        sent=lambda: SENT,
        remembered={("pool", "c--plain"): "pool-c--plain", ("pool", "c--secure"): "pool-of-before"},
    )
