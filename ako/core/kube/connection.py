"""One HTTP exchange with the Kubernetes API server: raw bytes out and in.

The reflectors and `ApiCluster` call it. Of the `kubernetes` package only the configuration (kubeconfig, in-cluster,
TLS, tokens) and the transport are used: its model classes cost a multiple of the memory, and one odd object makes them
refuse the whole list.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3
import yaml
from kubernetes import config
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.config import ConfigException
from msgspec import Struct

from ako.core.base.fence import Warrant, Withheld
from ako.core.base.fenced_http import fenced_pools
from ako.core.base.secrecy import Secrecy
from ako.core.base.version import user_agent
from ako.core.kube.decode import api_status
from ako.core.kube.errors import KubeRefused, KubeSilent, KubeUnreachable, KubeWithheld

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_CHUNK_BYTES = 65536
# What a server asks for may be a typing error, or meant for browsers.
_LONGEST_RETRY_AFTER = 60.0
# What a request can fail with: transport, TLS (status 0), credentials that cannot be loaded, an illegal header.
_FAILURES = (urllib3.exceptions.HTTPError, ApiException, ConfigException, OSError, ValueError)

ConfigLoader = Callable[[Configuration], None]
"""Fills in server, CA and credentials; called again when the API server no longer takes the credentials."""


_USUAL = "the kubeconfig of KUBECONFIG or ~/.kube/config"
_REMEDY = ". Name a cluster by --kubeconfig FILE, or read a folder by --manifests DIR."


def from_kubeconfig(path: Path | None) -> ConfigLoader:
    """Load a kubeconfig file; None is the usual one of `KUBECONFIG` or `~/.kube/config`."""

    def load(configuration: Configuration) -> None:
        file = str(path) if path else None
        try:
            config.load_kube_config(file, None, configuration, persist_config=False)
        except ConfigException as error:
            raise ConfigException(f"{path or _USUAL}: {str(error).rstrip('.')}{'' if path else _REMEDY}") from error
        except yaml.YAMLError as error:  # whose own words quote the line, which may be that of a key
            mark = getattr(error, "problem_mark", None)
            place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
            raise ConfigException(f"{path or _USUAL}: is not YAML{place}") from None

    return load


def in_cluster(configuration: Configuration) -> None:
    """Load the service account of the pod; the package reads its token again once a minute."""
    config.load_incluster_config(client_configuration=configuration)


class Request(Struct, frozen=True, kw_only=True):
    """What to ask; `content_type` is that of the body."""

    method: str = "GET"
    path: str
    query: Mapping[str, str] = {}
    body: Any = None
    content_type: str = "application/json"
    read_seconds: float = _READ_SECONDS
    connect_seconds: float = _CONNECT_SECONDS

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Answer(Struct, frozen=True):
    """What came back, whatever the status."""

    status: int
    body: bytes
    retry_after: float = 0.0
    """Seconds that the server asks to wait, at most a minute."""
    date: str = ""
    """Its time of day, as HTTP writes it; empty if it does not say."""

    def granted(self) -> bytes:
        """Give the body of a success.

        Raises:
            KubeRefused: the status is no success; carries the server's own message.
        """
        if 200 <= self.status < 300:
            return self.body
        _, message = api_status(self.body)
        raise KubeRefused(self.status, message or "no reason given", self.retry_after)


class Stream:
    """The lines of an answer that goes on for minutes."""

    def __init__(self, request: Request, response: urllib3.BaseHTTPResponse) -> None:
        self._request = request
        self._response = response

    def lines(self) -> Iterator[bytes]:
        """Give each line when it is complete, until the server ends the answer.

        Raises:
            KubeSilent: nothing came for longer than the request allows.
            KubeUnreachable: the answer broke off.
        """
        begun: list[bytes] = []
        for chunk in self._chunks():
            *ended, rest = chunk.split(b"\n")
            for end in ended:
                line = b"".join((*begun, end)).strip()
                begun.clear()
                if line:
                    yield line
            if rest:
                begun.append(rest)

    def shutdown(self) -> None:
        """End the reading of another thread, at once; `close()` would wait for the next byte."""
        with suppress(ValueError, RuntimeError, OSError):  # it has just ended by itself
            self._response.shutdown()

    def _chunks(self) -> Iterator[bytes]:
        chunks = self._response.stream(_CHUNK_BYTES)
        while True:
            with _failures_explained(self._request):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk


class Connection:
    """A pool of connections to one API server, shared by all threads."""

    def __init__(
        self, load: ConfigLoader, *, pool_size: int, warrant: Warrant | None = None, secrecy: Secrecy | None = None
    ) -> None:
        """Load the configuration; nothing is written without the warrant, if one is given, and nothing secret.

        Raises:
            KubeUnreachable: there is none, or it cannot be read.
        """
        self._load = load
        self._pool_size = pool_size
        self._warrant = warrant
        self._secrecy = secrecy or Secrecy()
        self._lock = threading.Lock()
        self._client = self._new_client()

    @property
    def server(self) -> str:
        """Give the URL of the API server."""
        return str(self._client.configuration.host)

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer; a 401 is answered once by credentials loaded anew.

        Raises:
            KubeUnreachable: there was no answer.
        """
        with self._exchange(request) as response:
            return self._read(request, response)

    @contextmanager
    def stream(self, request: Request) -> Iterator[Stream]:
        """Send a request whose answer is read line by line, as it comes.

        Raises:
            KubeRefused: the status is no success.
            KubeUnreachable: there was no answer, or it broke off.
        """
        with self._exchange(request) as response:
            if response.status != 200:
                self._read(request, response).granted()
            yield Stream(request, response)

    def close(self) -> None:
        """Close the idle connections."""
        _close(self._client)

    @contextmanager
    def _exchange(self, request: Request) -> Iterator[urllib3.BaseHTTPResponse]:
        client = self._client
        response = self._call(client, request)
        if response.status == 401:
            _dispose(response)
            response = self._call(self._renewed(client), request)
        try:
            yield response
        finally:
            _dispose(response)

    def _call(self, client: ApiClient, request: Request) -> urllib3.BaseHTTPResponse:
        with _failures_explained(request):
            method, url, headers, body, _ = client.param_serialize(
                request.method,
                request.path,
                query_params=dict(request.query),
                header_params={"Accept": "application/json", "Content-Type": request.content_type},
                body=self._secrecy.masked_json(request.body, _is_name, _ADDRESSES),
                auth_settings=["BearerToken"],
            )
            # A token file may end with a newline, which is no part of a header.
            stripped = {name: value.strip() for name, value in headers.items()}
            timeout = (request.connect_seconds, request.read_seconds)
            answer = client.call_api(method, url, stripped, body, _request_timeout=timeout)
            response: urllib3.BaseHTTPResponse = answer.response
            return response

    def _read(self, request: Request, response: urllib3.BaseHTTPResponse) -> Answer:
        with _failures_explained(request):
            body = response.data or b""
        if response.status >= 400:  # it becomes a message, and may repeat what was sent
            body = self._secrecy.masked(body.decode(errors="replace")).encode()
        return Answer(response.status, body, _retry_after(response), response.headers.get("Date", ""))

    def _renewed(self, refused: ApiClient) -> ApiClient:
        """Give a client with credentials loaded anew, unless another thread has just done so."""
        with self._lock:
            if self._client is refused:
                self._client = self._new_client()
                _close(refused)
            return self._client

    def _new_client(self) -> ApiClient:
        configuration = Configuration()
        try:
            self._load(configuration)
        except (ConfigException, OSError, ValueError) as error:
            raise KubeUnreachable(f"the Kubernetes configuration cannot be loaded: {error}") from error
        self._secrecy.keep(*_tokens(configuration), of="Kubernetes")
        configuration.retries = False
        configuration.keep_alive = True
        configuration.connection_pool_maxsize = self._pool_size
        client = ApiClient(configuration)
        client.user_agent = user_agent()
        if self._warrant is not None:
            client.rest_client.pool_manager.pool_classes_by_scheme = fenced_pools(self._warrant, _is_write)
        return client


def _tokens(configuration: Configuration) -> Iterator[str]:
    """Give what we prove with who we are."""
    for token in (*configuration.api_key.values(), configuration.password or ""):
        yield token.partition(" ")[2].strip() or token.strip()


_ADDRESSES = frozenset({"group", "host", "hostname", "name", "namespace", "resource", "subresource"})
"""The fields by which an API server, or whoever reads a status, finds what is meant."""

_NAME = re.compile(r"[a-z0-9*]([-a-z0-9._/]*[a-z0-9])?")


def _is_name(text: str) -> bool:
    """Say whether a text has the form of a name of an object, a host or an API, which may not be changed."""
    return _NAME.fullmatch(text) is not None


def _is_write(method: str, _: str) -> bool:
    return method != "GET"


def _close(client: ApiClient) -> None:
    client.close()


_CONNECTION = re.compile(r"\b\w+\(host='([^']*)', port=(\d+)\)")
"""How errors call a connection: by its class, which tells nobody anything."""


@contextmanager
def _failures_explained(request: Request) -> Iterator[None]:
    try:
        yield
    except urllib3.exceptions.ReadTimeoutError as error:
        raise KubeSilent(f"{request} failed: nothing came for {request.read_seconds:g} s") from error
    except _FAILURES as error:
        cause = _CONNECTION.sub(r"\1:\2", " ".join(str(getattr(error, "reason", None) or error).split()))
        raise KubeUnreachable(f"{request} failed: {cause}") from error
    except Withheld as error:
        raise KubeWithheld(f"{request} {error}") from error


def _retry_after(response: urllib3.BaseHTTPResponse) -> float:
    """Read `Retry-After`; the API server gives seconds."""
    try:
        seconds = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(seconds) else min(max(0.0, seconds), _LONGEST_RETRY_AFTER)


def _dispose(response: urllib3.BaseHTTPResponse) -> None:
    """Give the connection back; an answer that was not read to its end closes it first."""
    response.close()
    response.release_conn()
