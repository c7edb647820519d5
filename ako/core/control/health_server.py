"""The HTTP server for probes, metrics and status: health of ours, and `/api/status` as AKO has it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct

from ako.core.base.moment import rfc3339
from ako.core.control.checks import Check

STOPPING_SECONDS = 0.05
"""How long the end of the program may wait for the server at most: so often it looks whether it is to stop."""


class Health(Struct, frozen=True):
    """What the server tells, each asked for when it is needed.

    Attributes:
        is_alive: the loop goes round; never depends on the Controller or the API server.
        checks: conditions of readiness.
        avi_errors: the last errors of the Controller, with their times.
        is_connected: whether the Controller answers; None before the first answer.
        exposition: all metrics as they are now, in the text format of Prometheus.
    """

    is_alive: Callable[[], bool]
    checks: Callable[[], tuple[Check, ...]]
    avi_errors: Callable[[], tuple[Mapping[str, str], ...]]
    is_connected: Callable[[], bool | None]
    exposition: Callable[[], bytes]


class HealthServer:
    """Serves `/healthz`, `/readyz` (`?verbose`), `/metrics` and `/api/status` on threads of its own."""

    def __init__(self, health: Health, port: int) -> None:
        """Listen on every address of the machine.

        Raises:
            OSError: the port cannot be had.
        """
        handler = type("Handler", (_Handler,), {"health": health})
        self._server = _Server(("", port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOPPING_SECONDS,), name="health", daemon=True
        )

    @property
    def port(self) -> int:
        """Give the port it listens on."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Takes connections over IPv4 and IPv6: where pods have one of them only, probes come over that."""

    daemon_threads = True
    address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET

    def server_bind(self) -> None:
        if self.address_family is socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class _Handler(BaseHTTPRequestHandler):
    health: Health
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        pages: Mapping[str, Callable[[str], tuple[int, str, bytes]]] = {
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/metrics": self._metrics,
            "/api/status": self._status,
        }
        page = pages.get(path)
        status, kind, body = page(query) if page else (404, "text/plain", b"not found\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _healthz(self, _: str) -> tuple[int, str, bytes]:
        return (
            (200, "text/plain", b"ok\n") if self.health.is_alive() else (500, "text/plain", b"the loop stands still\n")
        )

    def _readyz(self, query: str) -> tuple[int, str, bytes]:
        checks = self.health.checks()
        is_ready = all(check.is_met for check in checks)
        told = checks if "verbose" in query or not is_ready else [check for check in checks if check.is_urgent]
        text = "\n".join([*map(_line, told), "ready" if is_ready else "not ready"])
        return 200 if is_ready else 503, "text/plain; charset=utf-8", f"{text}\n".encode()

    def _metrics(self, _: str) -> tuple[int, str, bytes]:
        return 200, "text/plain; version=0.0.4; charset=utf-8", self.health.exposition()

    def _status(self, _: str) -> tuple[int, str, bytes]:
        states = {None: "INITIATING", True: "CONNECTED", False: "DISCONNECTED"}
        body: dict[str, Any] = {
            "avi_api": {
                "connection_status": states[self.health.is_connected()],
                "errors": list(self.health.avi_errors()),
            }
        }
        return 200, "application/json", json.dumps(body).encode()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Probes are not worth a line each."""


def _line(check: Check) -> str:
    """Tell a check in a line: met or not, what is so, what to do about it, and since when."""
    told = "; ".join(filter(None, (check.detail, check.remedy)))
    words = (
        f"[{'+' if check.is_met else '-'}]",
        check.name,
        told,
        f"(since {rfc3339(check.since)}, {check.seconds:.0f} s)",
    )
    return " ".join(filter(None, words))
