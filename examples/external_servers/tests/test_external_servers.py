"""Servers outside of the cluster: the contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ako_external_servers.entries import Fault, Server, entries

from ako import Backend, BackendPort, Pool
from ako.testing import PluginContract, Rehearsal

PLUGINS = ("external_servers", "ingress", "clusterip_routes")
MANIFESTS = Path(__file__).parents[1] / "manifests"
ORDERS, TO_ORDERS = yaml.safe_load_all((MANIFESTS / "orders.yaml").read_text(encoding="utf-8"))
CLASS, WEB, WEB_ENDPOINTS, TO_WEB = yaml.safe_load_all((MANIFESTS / "inside.yaml").read_text(encoding="utf-8"))
BOTH = {"AKOSettings.ipFamily": "V4_V6"}


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = (CLASS, ORDERS, TO_ORDERS, WEB, WEB_ENDPOINTS, TO_WEB)


def orders(text: str | None = None, spec: Mapping[str, Any] | None = None, **ports: str) -> Mapping[str, Any]:
    """Build the Service with other annotations, or none; a port is written as `name=text`."""
    annotations = {f"example.org/servers.{port}": value for port, value in ports.items()}
    if text is not None:
        annotations["example.org/servers"] = text
    return {**ORDERS, "metadata": {**ORDERS["metadata"], "annotations": annotations}, "spec": spec or ORDERS["spec"]}


@cache
def rehearsed(settings: tuple[tuple[str, object], ...]) -> Rehearsal:
    """Give a cluster in which the Service is put again and again."""
    return Rehearsal(PLUGINS, dict(settings))


def placed(
    service: Mapping[str, Any], settings: Mapping[str, object] = BOTH, port: str | int = "http"
) -> tuple[list[str], list[str]]:
    """Give the servers of the Service, and the reasons of its faults."""
    rehearsal = rehearsed(tuple(settings.items()))
    rehearsal.apply(service)
    name, number = (port, 0) if isinstance(port, str) else ("", port)
    found = rehearsal.placement(Backend("default", "orders", BackendPort(name=name, number=number)))
    return [f"{server.ip.addr} {server.port}" for server in found.servers], [fault.reason for fault in found.faults]


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("192.0.2.10", ["192.0.2.10 8080"]),
        ("192.0.2.10:5432", ["192.0.2.10 5432"]),
        ("db1.example.org=192.0.2.10:5432, 192.0.2.11:5432", ["192.0.2.10 5432", "192.0.2.11 5432"]),
        ("192.0.2.11:1,192.0.2.10:2", ["192.0.2.10 2", "192.0.2.11 1"]),
        (" a = 192.0.2.10:1 \n\n 192.0.2.11:2 ,\n", ["192.0.2.10 1", "192.0.2.11 2"]),
        ("2001:db8::1", ["2001:db8::1 8080"]),
        ("[2001:db8::1]", ["2001:db8::1 8080"]),
        ("[2001:DB8:0::1]:5432", ["2001:db8::1 5432"]),
        ("::ffff:192.0.2.10", ["192.0.2.10 8080"]),
        ("db=192.0.2.10:1, db:2, DB", ["192.0.2.10 1", "192.0.2.10 2", "192.0.2.10 8080"]),
        ("db:7, db=192.0.2.10:1, db=192.0.2.11:1", ["192.0.2.10 1", "192.0.2.10 7", "192.0.2.11 1", "192.0.2.11 7"]),
    ],
)
def test_what_an_annotation_says(text: str, servers: list[str]) -> None:
    assert placed(orders(text)) == (servers, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("db1.example.org", "ServerWithoutAddress"),
        ("db1.example.org:5432", "ServerWithoutAddress"),
        ("db1=db2", "ServerWithoutAddress"),
        ("db2=192.0.2.1.5", "ServerWithoutAddress"),
        ("192.0.2.010", "ServerWithoutAddress"),
        ("[192.0.2.1", "ServerWithoutAddress"),
        ("[]:5", "ServerWithoutAddress"),
        ("fe80::1%eth0", "ServerWithoutAddress"),
        ("192.0.2.1/24", "ServerWithoutAddress"),
        ("http://192.0.2.1:80", "ServerWithoutAddress"),
        ("192.0.2.1:0", "ServerPortInvalid"),
        ("192.0.2.1:65536", "ServerPortInvalid"),
        ("192.0.2.1:", "ServerPortInvalid"),
        ("192.0.2.1:-1", "ServerPortInvalid"),
        ("192.0.2.1:٣", "ServerPortInvalid"),
        ("192.0.2.1:http", "ServerPortInvalid"),
        ("=192.0.2.1", "ServerNameInvalid"),
        ("a b=192.0.2.1", "ServerNameInvalid"),
        ("a=b=192.0.2.1", "ServerNameInvalid"),
        ("127.0.0.1:80", "ServerUnreachable"),
        ("0.0.0.0", "ServerUnreachable"),
        ("[::1]:80", "ServerUnreachable"),
        ("::ffff:127.0.0.1", "ServerUnreachable"),
        ("169.254.169.254:80", "ServerUnreachable"),
        ("fe80::1", "ServerUnreachable"),
        ("224.0.0.1", "ServerUnreachable"),
        ("255.255.255.255", "ServerUnreachable"),
    ],
)
def test_an_entry_that_cannot_be_used_harms_no_other(text: str, reason: str) -> None:
    assert placed(orders(f"192.0.2.99:1, {text}, 192.0.2.98:1")) == (["192.0.2.98 1", "192.0.2.99 1"], [reason])
    assert placed(orders(text)) == ([], [reason, "NoServers"])


def test_a_name_whose_address_cannot_be_used_is_told_once() -> None:
    assert placed(orders("db=127.0.0.1, db:5, 192.0.2.1")) == (["192.0.2.1 8080"], ["ServerUnreachable"])


@pytest.mark.parametrize("again", ["192.0.2.10", "db=192.0.2.10:8080", "::ffff:192.0.2.10"])
def test_a_server_that_is_named_twice_is_served_once(again: str) -> None:
    assert placed(orders(f"192.0.2.10:8080, {again}")) == (["192.0.2.10 8080"], ["ServerTwice"])


@pytest.mark.parametrize("text", ["", " , \n", ","])
def test_an_annotation_without_servers_leaves_the_pool_empty(text: str) -> None:
    assert placed(orders(text)) == ([], ["NoServers"])


def test_only_families_in_use_are_served() -> None:
    text = "192.0.2.10, 2001:db8::1"
    assert placed(orders(text), {}) == (["192.0.2.10 8080"], ["ServerOfOtherFamily"])
    assert placed(orders(text), {"AKOSettings.ipFamily": "V6"}) == (["2001:db8::1 8080"], ["ServerOfOtherFamily"])


def test_only_networks_of_the_settings_are_served() -> None:
    settings = {**BOTH, "ako.external_servers.networks": "192.0.2.0/24, 2001:db8::/32"}
    assert placed(orders("192.0.2.10, 2001:db8::1"), settings) == (["192.0.2.10 8080", "2001:db8::1 8080"], [])
    assert placed(orders("192.0.2.10, 198.51.100.1, 2001:db9::1"), settings) == (
        ["192.0.2.10 8080"],
        ["ServerNotAllowed", "ServerNotAllowed"],
    )


PORTS = {"ports": [{"name": "http", "port": 80, "targetPort": "web"}, {"name": "admin", "port": 9000}]}


def test_each_port_can_have_servers_of_its_own() -> None:
    service = orders("192.0.2.1", PORTS, admin="192.0.2.2:9")
    assert placed(service) == (["192.0.2.1 80"], [])
    assert placed(service, port="admin") == placed(service, port=9000) == (["192.0.2.2 9"], [])
    by_number = orders(None, PORTS, **{"9000": "192.0.2.3"})
    assert placed(by_number, port="admin") == (["192.0.2.3 9000"], [])
    assert placed(orders("192.0.2.1", PORTS), port="other") == ([], ["PortNotFound"])


def test_a_port_without_servers_is_served_by_its_pods() -> None:
    rehearsal = Rehearsal(PLUGINS)
    annotations = {"example.org/servers.admin": "192.0.2.2"}
    rehearsal.apply({**WEB, "metadata": {**WEB["metadata"], "annotations": annotations}}, WEB_ENDPOINTS)
    found = rehearsal.placement(Backend("default", "web", BackendPort(name="http")))
    assert [server.ip.addr for server in found.servers] == ["10.0.0.1"]


def test_a_service_of_type_external_name_can_have_servers() -> None:
    spec = {"type": "ExternalName", "externalName": "db.example.org", "ports": [{"name": "http", "port": 80}]}
    assert placed(orders("192.0.2.1", spec)) == (["192.0.2.1 80"], [])
    assert placed(orders(None, spec)) == ([], ["ExternalNameBackend"])


def test_of_many_faults_some_are_told() -> None:
    servers, reasons = placed(orders(",".join(f"name{number}" for number in range(1000)) + ",192.0.2.1"))
    assert servers == ["192.0.2.1 8080"]
    assert reasons == ["ServerWithoutAddress"] * 5 + ["ServersInvalid"]


def test_a_fault_names_object_entry_reason_and_remedy_to_who_uses_the_service() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(CLASS, orders("db1.example.org:5432, 192.0.2.1"), TO_ORDERS)
    (problem,) = rehearsal.problems()
    assert problem.source.key == "Ingress/default/orders"
    assert problem.explanation == (
        "orders.avi.internal/: service default/orders, annotation example.org/servers, 'db1.example.org:5432': "
        "'db1.example.org' is no IP address. Names are not looked up: write db1.example.org=<address>, "
        "and an IPv6 address with a port as [::]:1."
    )


def pools(rehearsal: Rehearsal) -> dict[str, list[str]]:
    """Give the servers of all pools by the names of their hosts."""
    found = [item for item in rehearsal.objects().values() if isinstance(item, Pool)]
    return {pool.name.split("--")[1].split("_")[0]: [s.ip.addr for s in pool.servers] for pool in found}


def test_servers_come_and_go_with_the_annotation_and_no_other_service_is_touched() -> None:
    rehearsal = Rehearsal(PLUGINS)
    slices = {**WEB_ENDPOINTS, "metadata": {**WEB_ENDPOINTS["metadata"], "name": "orders-1"}}
    slices["metadata"] = {**slices["metadata"], "labels": {"kubernetes.io/service-name": "orders"}}
    rehearsal.apply(CLASS, WEB, WEB_ENDPOINTS, TO_WEB, ORDERS, TO_ORDERS, slices)
    inside = {"web.avi.internal": ["10.0.0.1"]}
    assert pools(rehearsal) == {**inside, "orders.avi.internal": ["192.0.2.10", "192.0.2.11"]}
    rehearsal.apply(orders("192.0.2.12"))
    assert pools(rehearsal) == {**inside, "orders.avi.internal": ["192.0.2.12"]}
    rehearsal.apply(orders())
    assert pools(rehearsal) == {**inside, "orders.avi.internal": ["10.0.0.1"]}


@pytest.mark.parametrize("size", range(12))
def test_any_text_of_these_letters_gives_an_answer_for_each_entry(size: int) -> None:
    """Nothing is lost without a word: each entry is a server, a fault, or another port of one that is at fault."""
    for number in range(150):
        picks = [(number * 7919 + size * 104729) // 11**place % 11 for place in range(size)]
        text = "".join("1.:[]=,a% \n"[pick] for pick in picks)
        found = list(entries(text))
        written = {entry.written for entry in found}
        assert written <= {piece.strip() for piece in text.replace("\n", ",").split(",")}
        assert all(isinstance(entry, (Server, Fault)) for entry in found)
        assert len(written) == len({piece.strip() for piece in text.replace("\n", ",").split(",")} - {""})
