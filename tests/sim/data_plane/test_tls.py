"""TLS towards clients and servers, and TLS that servers terminate."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Any

import pytest

from tests.sim.data_plane.world import Connection, Pki, World, asked, echo
from tests.waiting import eventually

SERVER = "10.1.1.1:8443"
DELAYED_ACKNOWLEDGEMENT = 0.04
"""Seconds that Linux waits at least before it acknowledges what it has nothing to answer to."""


def parent(world: World, **fields: Any) -> None:
    world.service(ports=(443,), secure=True, type="VS_TYPE_VH_PARENT", **fields)


def child(world: World, pki: Pki, name: str, *domains: str, **fields: Any) -> None:
    """Add a child with a certificate for its domains, whose one server answers with the child's name."""
    address = f"10.2.0.{len(world.control('GET', 'objects/pool')) + 1}:80"
    world.start(echo(name), address)
    pool = world.pool(f"{name}-pool", address)
    certificate = world.certificate(f"{name}-cert", *pki.issue(*domains))
    world.put(
        "virtualservice",
        name,
        type="VS_TYPE_VH_CHILD",
        vh_parent_vs_ref="/api/virtualservice/?name=vs",
        vh_domain_name=[*domains],
        ssl_key_and_certificate_refs=[certificate],
        pool_ref=pool,
        **fields,
    )


def serial(connection: Connection) -> str:
    assert isinstance(connection.socket, ssl.SSLSocket)
    found: Any = connection.socket.getpeercert()
    return str(found["serialNumber"])


def test_children_are_chosen_by_server_name(world: World, pki: Pki) -> None:
    parent(world)
    child(world, pki, "exact", "www.a.com")
    child(world, pki, "below", "*.a.com")
    child(world, pki, "other", "b.com", "c.com")
    for name, chosen in (("www.a.com", "exact"), ("x.a.com", "below"), ("b.com", "other"), ("c.com", "other")):
        with world.secure(name, pki.client_context()) as connection:
            assert asked(connection, "/", "whatever").told["server"] == chosen
            assert asked(connection, "/", name).told["server"] == chosen
    rows = world.traffic()
    assert {row["virtualservice"] for row in rows} == {"exact", "below", "other"}


@pytest.mark.parametrize("name", ["a.com", "unknown.org", None])
def test_names_that_fit_no_child_of_a_parent_without_certificate(world: World, pki: Pki, name: str | None) -> None:
    parent(world)
    child(world, pki, "below", "*.a.com")
    context = pki.client_context()
    context.check_hostname = False
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        world.secure(name, context)
    eventually(lambda: [row["rule"] for row in world.traffic()] == [["TLS failed"]], "its row")


@pytest.mark.parametrize("name", ["unknown.org", None])
def test_the_parent_answers_with_its_own_certificate(world: World, pki: Pki, name: str | None) -> None:
    own = world.certificate("own", *pki.issue("parent.org"))
    world.start(echo("parent"), SERVER)
    parent(world, ssl_key_and_certificate_refs=[own], pool_ref=world.pool("p", SERVER))
    child(world, pki, "exact", "www.a.com")
    context = pki.client_context()
    context.check_hostname = False
    with world.secure(name, context) as connection:
        assert asked(connection).told["server"] == "parent"


def test_a_child_that_is_switched_off_or_gone(world: World, pki: Pki) -> None:
    parent(world)
    child(world, pki, "exact", "www.a.com")
    held = world.secure("www.a.com", pki.client_context())
    assert asked(held).status == 200
    world.change("virtualservice", "exact", enabled=False)
    with pytest.raises(ssl.SSLError):
        world.secure("www.a.com", pki.client_context())
    held.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert held.rest() == b""
    world.change("virtualservice", "exact", enabled=True)
    held = world.secure("www.a.com", pki.client_context())
    world.delete("virtualservice", "exact")
    held.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert held.rest() == b""


def test_the_first_answer_does_not_wait_for_an_acknowledgement(world: World, pki: Pki) -> None:
    parent(world)
    child(world, pki, "exact", "www.a.com")

    def seconds() -> float:
        began = time.monotonic()
        with world.secure("www.a.com", pki.client_context()) as connection:
            assert asked(connection).status == 200
        return time.monotonic() - began

    assert min(seconds() for _ in range(10)) < DELAYED_ACKNOWLEDGEMENT


def test_certificates_change_for_new_handshakes_only(world: World, pki: Pki) -> None:
    parent(world)
    child(world, pki, "exact", "www.a.com")
    before = world.secure("www.a.com", pki.client_context())
    first = serial(before)
    assert asked(before).status == 200
    key, pem = pki.issue("www.a.com")
    world.change("sslkeyandcertificate", "exact-cert", key=key, certificate={"certificate": pem})
    after = world.secure("www.a.com", pki.client_context())
    assert serial(after) != first
    assert asked(after).status == asked(before).status == 200
    assert serial(before) == first


def test_the_chain_is_sent(world: World, pki: Pki) -> None:
    middle = pki.below("middle")
    kind = "SSL_CERTIFICATE_TYPE_CA"
    authority = world.put("sslkeyandcertificate", "middle", type=kind, certificate={"certificate": middle.pem})
    parent(world)
    child(world, pki, "exact", "www.a.com")
    key, pem = middle.issue("www.a.com")
    world.change("sslkeyandcertificate", "exact-cert", key=key, certificate={"certificate": pem})
    with pytest.raises(ssl.SSLCertVerificationError):
        world.secure("www.a.com", pki.client_context())
    world.change("sslkeyandcertificate", "exact-cert", ca_certs=[{"ca_ref": authority, "name": "middle"}])
    with world.secure("www.a.com", pki.client_context()) as connection:
        assert asked(connection).status == 200


def test_clients_that_speak_no_tls_or_leave(world: World, pki: Pki) -> None:
    parent(world)
    child(world, pki, "exact", "www.a.com")
    for sent in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03", b""):
        with world.connect() as connection:
            connection.send(sent)
            connection.socket.shutdown(socket.SHUT_WR)
            connection.rest()
    with world.secure("www.a.com", pki.client_context()) as connection:
        assert asked(connection).status == 200


# ---- towards servers -------------------------------------------------------------------------------------------------


def reencrypted(world: World, pki: Pki, *names: str, trusted: Pki | None = None, **fields: Any) -> Any:
    server = world.start(echo("tls"), SERVER, tls=pki.server_context(*names))
    if trusted is not None:
        fields["pki_profile_ref"] = world.put(
            "pkiprofile", "pki", ca_certs=[{"certificate": trusted.pem}], crl_check=False
        )
    pool = world.pool("p", SERVER, ssl_profile_ref="/api/sslprofile/?name=System-Standard", **fields)
    world.service(pool_ref=pool)
    return server


CHECKS: list[tuple[tuple[str, ...], bool | None, dict[str, Any], str, int]] = [
    (("a.com",), None, {}, "a.com", 200),
    (("a.com",), True, {}, "a.com", 200),
    (("a.com",), True, {}, "b.com", 200),
    (("a.com",), False, {}, "a.com", 503),
    (("a.com",), True, {"host_check_enabled": True}, "a.com:80", 200),
    (("a.com",), True, {"host_check_enabled": True}, "b.com", 503),
    (("*.a.com",), True, {"host_check_enabled": True}, "x.a.com", 200),
    (("*.a.com",), True, {"host_check_enabled": True}, "y.x.a.com", 503),
    (("in.a.com",), True, {"host_check_enabled": True, "domain_name": ["z", "in.a.com"]}, "b.com", 200),
    (("b.com",), True, {"host_check_enabled": True, "domain_name": ["in.a.com"]}, "b.com", 503),
    (("10.1.1.1",), True, {"host_check_enabled": True}, "10.1.1.1", 200),
    (("a.com",), True, {"sni_enabled": False}, "a.com", 200),
    (("a.com",), True, {"server_name": "in.a.com"}, "a.com", 200),
    (("a.com",), None, {}, "a..com", 200),
    (("a.com",), None, {}, ".com", 200),
    (("a.com",), None, {}, "[fd00::1]:80", 200),
    (("a.com",), True, {"host_check_enabled": True}, "a" * 70 + ".com", 503),
]


@pytest.mark.parametrize(("names", "trusts", "fields", "host", "status"), CHECKS)
def test_servers_over_tls(
    world: World, pki: Pki, names: tuple[str, ...], trusts: bool | None, fields: dict[str, Any], host: str, status: int
) -> None:
    trusted = None if trusts is None else pki if trusts else Pki(pki.folder, "stranger")
    reencrypted(world, pki, *names, trusted=trusted, **fields)
    for _ in range(2):
        assert world.ask("/", host).status == status
    rows = world.traffic()
    assert [(row["status"], row["server"]) for row in rows] == [(status, SERVER if status == 200 else None)] * 2


def test_a_server_that_speaks_no_tls(world: World) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    world.start(talk, SERVER)
    world.service(pool_ref=world.pool("p", SERVER, ssl_profile_ref="/api/sslprofile/?name=System-Standard"))
    assert world.ask().status == 503


# ---- passthrough -----------------------------------------------------------------------------------------------------

SCRIPT = """
local tls = require("Default-TLS")
local size = 5
repeat
  local had = avi.l4.collect(size)
  if had < size then avi.vs.close_conn() return end
  local begin = avi.l4.read()
  if not tls.sanity_check(begin) then avi.vs.close_conn() return end
  local before = size
  size = tls.get_req_buffer_size(begin)
until size <= before
local name = tls.get_sni(tls.parse_record(avi.l4.read()))
if name == nil then avi.vs.close_conn() return end
avi.poolgroup.select("group-" .. string.lower(name))
avi.l4.ds_done()
"""


@pytest.fixture
def passing(world: World, pki: Pki) -> World:
    groups = []
    for number, name in enumerate(("a.com", "b.com"), 1):
        world.start(echo(name), f"10.3.0.{number}:8443", tls=pki.server_context(name))
        pool = world.pool(f"pool-{name}", f"10.3.0.{number}:8443")
        groups.append(world.put("poolgroup", f"group-{name}", members=[{"pool_ref": pool}]))
    script = world.put(
        "vsdatascriptset",
        "by-name",
        datascript=[{"evt": "VS_DATASCRIPT_EVT_L4_REQUEST", "script": SCRIPT}],
        pool_group_refs=groups,
        protocol_parser_refs=["/api/protocolparser/?name=Default-TLS"],
    )
    world.service(
        ports=(443,),
        application_profile_ref="/api/applicationprofile/?name=System-L4-Application",
        network_profile_ref="/api/networkprofile/?name=System-TCP-Proxy",
        vs_datascripts=[{"index": 1, "vs_datascript_set_ref": script}],
    )
    return world


def test_passthrough_by_server_name(passing: World, pki: Pki) -> None:
    for name in ("a.com", "B.com"):
        with passing.secure(name, pki.client_context()) as connection:
            assert asked(connection).told["server"] == name.lower()
    assert [row["pool"] for row in passing.traffic()] == ["pool-a.com", "pool-b.com"]


@pytest.mark.parametrize("size", [1, 100])
def test_a_client_hello_in_many_segments(passing: World, pki: Pki, size: int) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    speaking = pki.client_context().wrap_bio(incoming, outgoing, server_hostname="b.com")
    with passing.connect() as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                speaking.do_handshake()
                break
            except ssl.SSLWantReadError:
                sent = outgoing.read()
                for start in range(0, len(sent), size):
                    connection.send(sent[start : start + size])
                incoming.write(connection.socket.recv(65536))
        shown: Any = speaking.getpeercert()
        assert shown["subject"] == ((("commonName", "b.com"),),)


@pytest.mark.parametrize("name", [None, "c.com"])
def test_passthrough_of_names_nobody_has(passing: World, pki: Pki, name: str | None) -> None:
    context = pki.client_context()
    context.check_hostname = False
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        passing.secure(name, context)
    row = eventually(passing.traffic, "its row")[0]
    assert (row["pool"], row["status"]) == (None, 0)
    assert name is None or "group-c.com" in row["rule"][-1]


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: a.com\r\n\r\n", b"\x16\x03\x01\x02", b""])
def test_passthrough_of_what_is_no_tls(passing: World, pki: Pki, sent: bytes) -> None:
    with passing.connect() as connection:
        connection.send(sent)
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_WR)
        assert connection.rest() == b""
    with passing.secure("a.com", pki.client_context()) as connection:
        assert asked(connection).status == 200
