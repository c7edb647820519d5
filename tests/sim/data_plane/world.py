"""A simulator that forwards, servers to forward to, and clients that write bytes."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import json
import os
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ako.sim import Simulator

Json = dict[str, Any]
PATIENCE = 20

NET = f"10.{20 + os.getpid() // 256 % 200}.{os.getpid() % 256}"
"""Where virtual services have their addresses: of this process alone, so that nobody beside us takes their ports."""


class Pki:
    """An authority, and certificates that it signs."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pem = self._pem(self._signed(self.name, self.key.public_key(), [], is_authority=True))

    def below(self, name: str) -> Pki:
        """Give an authority that this one signed."""
        made = Pki(self.folder, name)
        made.pem = self._pem(self._signed(made.name, made.key.public_key(), [], is_authority=True))
        return made

    def issue(self, *names: str) -> tuple[str, str]:
        """Give a private key and a certificate for some names or addresses, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return text.decode(), self._pem(self._signed(subject, key.public_key(), [*names], is_authority=False))

    def server_context(self, *names: str) -> ssl.SSLContext:
        """Give what a server with a certificate for some names accepts with."""
        path = self.folder / "server.pem"
        path.write_text("".join(self.issue(*names)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Give what a client that trusts this authority alone connects with."""
        return ssl.create_default_context(cadata=self.pem)

    def _signed(self, subject: x509.Name, key: Any, names: list[str], *, is_authority: bool) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(minutes=5))
        builder = builder.not_valid_after(now + dt.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())

    @staticmethod
    def _pem(certificate: x509.Certificate) -> str:
        return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Server:
    """A server of threads; what it does with a connection is a function."""

    def __init__(self, talk: Any, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(handler) -> None:  # noqa: N805 - the outer one is self
                self.connections += 1
                with contextlib.suppress(OSError), self._secured(handler.request) as connection:
                    talk(connection)

        class Threads(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                del request, client_address

        self._tls = tls
        self._server = Threads(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Connection:
    """What a client says and hears."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.buffer = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def until(self, end: bytes) -> bytes:
        """Read up to an end, which belongs to what is given; fewer bytes where the other side has closed."""
        while end not in self.buffer:
            if not (data := self.socket.recv(65536)):
                found, self.buffer = self.buffer, b""
                return found
            self.buffer += data
        found, _, self.buffer = self.buffer.partition(end)
        return found + end

    def exactly(self, size: int) -> bytes:
        while len(self.buffer) < size and (data := self.socket.recv(65536)):
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def rest(self) -> bytes:
        """Read until the other side closes."""
        found, self.buffer = self.buffer, b""
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                found += data
        return found

    def answer(self, *, is_head: bool = False) -> Answer:
        """Read an HTTP answer."""
        head = self.until(b"\r\n\r\n").decode("latin-1")
        assert head, "the connection was closed without an answer"
        line, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
        status = int(line.split(" ")[1])
        if is_head or status in {204, 304} or status < 200:
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.until(b"\r\n"), 16):
                body += self.exactly(size + 2)[:-2]
            self.until(b"\r\n")
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            body = self.rest()
        return Answer(status, headers, body)


class Answer:
    """An HTTP answer; that of an echo tells who was asked, and what."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def told(self) -> Json:
        found: Json = json.loads(self.body)
        return found


def echo(name: str = "") -> Any:
    """Give a talk over HTTP that tells what came, in a body for which it needs no library."""

    def talk(connection: socket.socket) -> None:
        heard = Connection(connection)
        head = heard.until(b"\r\n\r\n").decode("latin-1")
        if not head:
            return
        line, *lines = head.strip().split("\r\n")
        pairs = [(key.lower(), value.strip()) for key, _, value in (one.partition(":") for one in lines)]
        method, path, _ = line.split(" ")
        body = heard.exactly(int(dict(pairs).get("content-length", 0)))
        told = {"server": name, "method": method, "path": path, "headers": pairs, "size": len(body)}
        text = json.dumps(told)
        heard.send(f"HTTP/1.1 200 OK\r\nServer: echo\r\nContent-Length: {len(text)}\r\n\r\n")
        heard.send("" if method == "HEAD" else text)

    return talk


class World:
    """Objects, servers and clients of one simulator."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._servers: list[Server] = []
        self._opened: list[Connection] = []

    def control(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(method, f"{self.sim.url}/_sim/{path}", json=body)
        assert response.status_code == status if status else response.ok, response.text
        return response.json() if response.content else None

    def put(self, kind: str, name: str, **fields: Any) -> str:
        """Create an object; give a reference to it."""
        self.control("POST", f"objects/{kind}", {"name": name, **fields})
        return f"/api/{kind}/?name={name}"

    def change(self, kind: str, name: str, **fields: Any) -> None:
        self.control("PATCH", f"objects/{kind}/{name}", fields)

    def delete(self, kind: str, name: str) -> None:
        self.control("DELETE", f"objects/{kind}/{name}?force=true")

    def start(self, talk: Any, *addresses: str, tls: ssl.SSLContext | None = None) -> Server:
        """Start a server, which stands for some servers of pools."""
        server = Server(talk, tls)
        self._servers.append(server)
        self.control("PUT", "servers", dict.fromkeys(addresses, f"127.0.0.1:{server.port}"))
        return server

    def pool(self, name: str, *servers: str, **fields: Any) -> str:
        listed = [
            {"ip": {"addr": address, "type": "V4"}, "port": int(port)}
            for address, _, port in (server.rpartition(":") for server in servers)
        ]
        return self.put("pool", name, servers=listed, **fields)

    def service(self, name: str = "vs", vip: str = f"{NET}.1", ports: tuple[int, ...] = (80,), **fields: Any) -> str:
        """Create a virtual service at an address of its own."""
        secure = fields.pop("secure", False)
        kind = "V6" if ":" in vip else "V4"
        field = "ip6_address" if ":" in vip else "ip_address"
        vips = [{"vip_id": "0", field: {"addr": vip, "type": kind}}]
        reference = self.put("vsvip", f"{name}-vip", vip=vips, dns_info=fields.pop("dns_info", []))
        services = [{"port": port, "enable_ssl": secure} for port in ports]
        return self.put("virtualservice", name, vsvip_ref=reference, services=services, **fields)

    def rules(self, name: str, *rules: Json, kind: str = "http_request_policy") -> list[Json]:
        """Create a policy set; give what a virtual service refers to it with."""
        numbered = [{"index": n, "name": f"r{n}", "enable": True, **rule} for n, rule in enumerate(rules, 1)]
        reference = self.put("httppolicyset", name, **{kind: {"rules": numbered}})
        return [{"index": 11, "http_policy_set_ref": reference}]

    def certificate(self, name: str, key: str, pem: str, **fields: Any) -> str:
        kind = "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE"
        return self.put("sslkeyandcertificate", name, type=kind, certificate={"certificate": pem}, key=key, **fields)

    def listeners(self, name: str = "vs") -> list[Json]:
        return [row for row in self.control("GET", "listeners") if row["virtualservice"] == name]

    def place(self, name: str = "vs", port: int | None = None) -> tuple[str, int]:
        row = next(row for row in self.listeners(name) if port in {None, row["port"]})
        return row["address"], row["listening_port"]

    def connect(self, name: str = "vs", port: int | None = None, source: str = "") -> Connection:
        connected = socket.create_connection(
            self.place(name, port), timeout=PATIENCE, source_address=(source, 0) if source else None
        )
        return self._held(Connection(connected))

    def secure(self, server_name: str | None, context: ssl.SSLContext, name: str = "vs") -> Connection:
        connected = socket.create_connection(self.place(name), timeout=PATIENCE)
        try:
            return self._held(Connection(context.wrap_socket(connected, server_hostname=server_name)))
        except BaseException:
            connected.close()
            raise

    def ask(self, target: str = "/", host: str = "a.com", *lines: str, method: str = "GET", **where: Any) -> Answer:
        """Ask one thing on a connection of its own."""
        with self.connect(**where) as connection:
            return asked(connection, target, host, *lines, method=method)

    def traffic(self, since: int = 0) -> list[Json]:
        rows: list[Json] = self.control("GET", f"traffic?since={since}")["traffic"]
        return rows

    def close(self) -> None:
        for connection in self._opened:
            connection.socket.close()
        for server in self._servers:
            server.stop()

    def _held(self, connection: Connection) -> Connection:
        self._opened.append(connection)
        return connection


def asked(connection: Connection, target: str = "/", host: str = "a.com", *lines: str, method: str = "GET") -> Answer:
    """Ask one thing."""
    connection.send("\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *lines, "", ""]))
    return connection.answer(is_head=method == "HEAD")


@contextlib.contextmanager
def world_of(sim: Simulator) -> Iterator[World]:
    world = World(sim)
    try:
        yield world
    finally:
        world.close()
