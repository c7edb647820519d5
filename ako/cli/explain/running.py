"""A controller that runs is asked: at an address, in this pod, or through the API server in the pod that works."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec import Struct
from msgspec.structs import replace

from ako.cli.api_server import loader_of, own_namespace
from ako.core.base.errors import AkoError
from ako.core.base.secrecy import Secrecy
from ako.core.control.health_pages import LONGEST_ANSWER
from ako.core.control.own_objects import STATEFUL_SET
from ako.core.explain.answer import Answer
from ako.typed_json import reader

PATH = "/api/explain"
_CONNECT_SECONDS = 2.0
_READ_SECONDS = LONGEST_ANSWER + 2


class _Told(Struct):
    answer: Answer


def at(url: str, question: str, where: str) -> Answer:
    """Ask the controller at an address.

    Args:
        url: of its health port.
        question: as it was written.
        where: the address in words.

    Raises:
        AkoError: there is no answer.
    """
    base = url if "://" in url else f"http://{url}"
    if not _is_address(base):
        raise AkoError(f"{where} is no address: write http://HOST:PORT.")
    session = requests.Session()
    session.trust_env = False  # a proxy of the shell does not lead to a port of this machine
    try:
        limits = (_CONNECT_SECONDS, _READ_SECONDS)
        found = session.get(f"{base.rstrip('/')}{PATH}", params={"q": question}, timeout=limits)
    except (requests.RequestException, ValueError) as error:
        raise AkoError(f"{where} does not answer: {_cause(error)}") from error
    finally:
        session.close()
    if not found.ok:
        raise AkoError(f"{where}: {found.status_code} {found.text.strip()[:300]}")
    return _read(found.content, where)


def through_api_server(kubeconfig: Path | None, port: int, question: str, secrecy: Secrecy) -> Answer:
    """Ask the replica that works, by the proxy of the API server: it takes the right to get pods/proxy.

    Args:
        kubeconfig: of the cluster; None is the usual one, or that of the pod.
        port: the health port.
        question: as it was written.
        secrecy: keeps the token out of all that is said.

    Raises:
        AkoError: there is no answer.
    """
    from ako.core.kube.connection import Connection, Request  # noqa: PLC0415 - takes half a second
    from ako.core.kube.lease_lock import LeaseLock  # noqa: PLC0415

    namespace = own_namespace()
    connection = Connection(loader_of(kubeconfig), pool_size=1, secrecy=secrecy)
    try:
        lease = LeaseLock(lambda: connection, namespace).read(_CONNECT_SECONDS)
        pod = (lease.claim.pod if lease is not None else "") or f"{STATEFUL_SET}-0"
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{PATH}"
        body = connection.send(Request(path=path, query={"q": question}, read_seconds=_READ_SECONDS)).granted()
    finally:
        connection.close()
    return _read(body, f"pod {namespace}/{pod}")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _read(body: bytes, where: str) -> Answer:
    try:
        answer = reader(_Told).decode(body).answer
    except msgspec.MsgspecError as error:
        raise AkoError(f"{where} gives no answer of ako: {error}") from error
    return replace(answer, asked_of=f"{answer.asked_of}, {where}" if answer.asked_of else where)


def _cause(error: Exception) -> str:
    """Give the last cause of a failure, without the names of classes of the library."""
    reason = getattr(error.args[0], "reason", error) if error.args else error
    return str(reason).rpartition(": ")[2]
