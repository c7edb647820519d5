"""The stand-in itself: what plugin authors and tests start, fill, disturb and question."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, Unpack

import yaml

from ako.testing.kube_api import errors
from ako.testing.kube_api.access import Access, Refusal
from ako.testing.kube_api.discovery import HEALTH, health
from ako.testing.kube_api.dispatch import Api, refusal
from ako.testing.kube_api.faults import Effect, Fault, FaultBook
from ako.testing.kube_api.manifests import Manifests, each, identity
from ako.testing.kube_api.rbac import default_roles
from ako.testing.kube_api.resources import EVENT, NEW_EVENT, Manifest
from ako.testing.kube_api.route import ROUTE_CRD
from ako.testing.kube_api.store import Backup, Store
from ako.testing.kube_api.watches import Watch, is_watch
from ako.testing.kube_api.writes import Writes
from ako.testing.listener import Hangup, Listener, Request, Response

# Inside the class the name `list` is a method.
Objects = list[Manifest]
Names = list[str]

_REQUESTS_KEPT = 200_000
_FIRST_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class RequestRecord(NamedTuple):
    """One request as it was answered; status 0 means that the connection was closed without an answer."""

    method: str
    path: str
    query: str
    status: int
    is_watch: bool
    content_type: str
    body: bytes
    user_agent: str


Requests = list[RequestRecord]


class KubeApi:
    """A Kubernetes API server stand-in, serving on 127.0.0.1 from threads of this process."""

    def __init__(
        self,
        *,
        serve_routes: bool = False,
        port: int = 0,
        token: str = "",
        user: str = "ako",
        bookmark_every: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Start serving.

        Args:
            serve_routes: serve OpenShift Routes from the start.
            port: the port to listen on; 0 takes a free one.
            token: the bearer token every request must carry; none is asked for by default.
            user: the name of its owner, who may do everything; 403 messages call the client by it.
            bookmark_every: seconds between bookmarks on a watch that allows them.
            clock: returns the present time for creationTimestamps, in seconds since the epoch.
        """
        self._store = Store()
        self._faults = FaultBook()
        self._access = Access(self._store, token, user)
        writes = Writes(self._store, clock)
        self._api = Api(self._store, writes, self._access, bookmark_every)
        self._manifests = Manifests(self._store, writes)
        self._log: deque[RequestRecord] = deque(maxlen=_REQUESTS_KEPT)
        self._logged = threading.Condition()
        for name in _FIRST_NAMESPACES:
            self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.apply(*default_roles())
        if serve_routes:
            self.apply(ROUTE_CRD)
        self._extra: dict[str, Callable[[Request], Response]] = {}
        self._listener = Listener(self._answer, ("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- where it is ----------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """Return the port it serves on."""
        return self._listener.port

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def kubeconfig(self, user: str = "") -> Manifest:
        """Return a kubeconfig for this server, by default for its owner, who may do everything.

        Raises:
            LookupError: no such user was added.
        """
        token = self._access.token_of(user)
        name = user or self._access.owner.name
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stand-in", "cluster": {"server": self.url}}],
            "users": [{"name": name, "user": {"token": token} if token else {}}],
            "contexts": [{"name": "stand-in", "context": {"cluster": "stand-in", "user": name}}],
            "current-context": "stand-in",
        }

    def write_kubeconfig(self, path: Path | str, user: str = "") -> Path:
        """Write a kubeconfig for this server, see `kubeconfig`, and return its path."""
        target = Path(path)
        target.write_text(yaml.safe_dump(self.kubeconfig(user)), encoding="utf-8")
        return target

    def add_user(self, name: str, groups: tuple[str, ...] = (), token: str = "") -> str:
        """Let a user in who may do what the roles bound to them say, and no more; return their bearer token.

        Args:
            name: such as `ako`, or `system:serviceaccount:avi-system:ako` for a ServiceAccount.
            groups: what they belong to beside `system:authenticated`.
            token: the token to give them; one is made up by default. Their last one is no longer good.
        """
        return self._access.add_user(name, groups, token or secrets.token_urlsafe())

    # ---- what is in the cluster -----------------------------------------------------------------------------

    def apply(self, *manifests: Manifest) -> Objects:
        """Create or replace objects and return them as stored.

        Missing namespaces are created; `status` is written through; every new object is at least a second younger
        than all before it, unless its manifest carries a creationTimestamp.

        Raises:
            LookupError: a kind is not served.
            ApiError: an object is invalid.
        """
        return [self._manifests.apply(manifest) for manifest in each(manifests)]

    def load(self, *files: Path | str) -> Objects:
        """Apply every document of YAML or JSON files."""
        documents = [d for file in files for d in yaml.safe_load_all(Path(file).read_text(encoding="utf-8"))]
        return self.apply(*(one for d in documents for one in (d if isinstance(d, list) else [d])))

    def delete(self, kind_or_manifest: str | Manifest, namespace: str = "", name: str = "") -> None:
        """Delete an object, named by kind, namespace and name or by a manifest of it.

        Raises:
            ApiError: it is not there.
        """
        if not isinstance(kind_or_manifest, str):
            kind_or_manifest, namespace, name = identity(kind_or_manifest)
        self._manifests.delete(kind_or_manifest, namespace, name)

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return an object, None if there is none; the namespace of a cluster-scoped kind is not looked at."""
        return self._manifests.get(kind, namespace, name)

    def list(self, kind: str, namespace: str = "") -> Objects:
        """Return the objects of a kind, by default those of all namespaces."""
        return self._manifests.list(kind, namespace)

    def events(self) -> Objects:
        """Return all Events, of both APIs, in the order in which they were last written."""
        found = [*self.list(EVENT.kind), *self.list(NEW_EVENT.qualified_kind)]
        return sorted(found, key=lambda event: int(event["metadata"]["resourceVersion"]))

    def mark(self) -> int:
        """Return the present revision, to be given to `history` later."""
        with self._store.lock:
            return self._store.revision

    def history(self, kind: str, namespace: str, name: str, since: int = 0) -> Objects:
        """Return every version an object had, or has had since a mark, oldest first."""
        return self._manifests.history(kind, (namespace, name), since)

    # ---- what it was asked ----------------------------------------------------------------------------------

    @property
    def requests(self) -> Requests:
        """Return the requests answered so far; a watch is listed when it opens."""
        with self._logged:
            return list(self._log)

    def wait_for(self, wanted: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Wait until something holds and say whether it does; it is looked at after every request and every 50 ms."""
        deadline = time.monotonic() + timeout
        while not wanted():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._logged:
                self._logged.wait(min(left, 0.05))
        return True

    # ---- what goes wrong ------------------------------------------------------------------------------------

    def fault(self, path: str = "/", method: str = "", **effect: Unpack[Effect]) -> Fault:
        """Lay a fault over all requests whose path begins with `path`; see `Effect` for what can happen."""
        return self._faults.add(path, method, effect)

    def forbid(self, verb: str, resource: str) -> Refusal:
        """Answer 403 to a verb (`list`, `*`) on a resource (`ingresses`, `ingresses/status`, `*`) until cleared."""
        return self._access.refuse(verb, resource)

    def set_token(self, token: str) -> None:
        """Change the owner's token; "" takes everybody for the owner who does not show the token of another user."""
        self._access.token = token

    def clear_faults(self) -> None:
        """End every fault."""
        self._faults.clear()

    def break_watches(self, kind: str = "", status: int | None = None) -> None:
        """Cut the open watches, or those of one kind, in the middle; with a status, end them with an ERROR event."""
        with self._store.lock:
            for watch in self._watches_of(kind):
                if status is None:
                    watch.break_off()
                else:
                    watch.fail(errors.injected(status, "", None))
            self._store.wake()

    def silence_watches(self, kind: str = "") -> None:
        """Have the open watches, or those of one kind, send nothing more; they stay open until they are broken."""
        with self._store.lock:
            for watch in self._watches_of(kind):
                watch.silence()

    def _watches_of(self, kind: str) -> Sequence[Watch]:
        return [one for one in list(self._api.watches) if kind in {"", one.resource.kind, one.resource.plural}]

    def send_bookmarks(self) -> None:
        """Send a bookmark now on every watch that allows them."""
        with self._store.lock:
            for watch in list(self._api.watches):
                watch.ask_for_bookmark()
            self._store.wake()

    @property
    def open_watches(self) -> Names:
        """Return the kinds that are being watched, one entry per open watch."""
        with self._store.lock:
            return sorted(watch.resource.kind for watch in list(self._api.watches))

    def compact(self) -> None:
        """Forget history: what refers to an earlier resourceVersion gets 410. Open watches go on."""
        with self._store.lock:
            self._store.compact()

    def back_up(self) -> Backup:
        """Keep what is stored now, with its revision."""
        with self._store.lock:
            return self._store.back_up()

    def restore(self, backup: Backup) -> None:
        """Go back to older data and an older revision, as a restored etcd does; meant for a server that is down."""
        with self._store.lock:
            self._store.restore(backup)

    def down(self) -> None:
        """Close every connection and refuse new ones until `up`."""
        self._listener.down(self._let_go)

    def up(self) -> None:
        """Serve again, on the same port."""
        self._listener.up()

    def restart(self) -> None:
        """Go down and up again with empty caches; see `forget_caches`."""
        self.down()
        self.forget_caches()
        self.up()

    def forget_caches(self) -> None:
        """Forget what watches are served from, as a restart does: earlier revisions get 410 there, not in lists."""
        with self._store.lock:
            self._store.forget_cache()

    def close(self) -> None:
        """Stop serving and end every thread."""
        self._faults.clear()
        self._listener.close(self._let_go)

    def add_path(self, path: str, answer: Callable[[Request], Response]) -> None:
        """Serve one more path beside the API; faults and tokens do not touch it."""
        self._extra[path] = answer

    def _let_go(self) -> None:
        self._faults.release()
        self.break_watches()

    def _answer(self, request: Request) -> Response:
        extra = self._extra.get(request.path)
        if extra is not None:
            return extra(request)
        try:
            response = self._with_faults(request)
        except Hangup:
            self._record(request, 0)
            raise
        self._record(request, response.status)
        return response

    def _with_faults(self, request: Request) -> Response:
        fault = self._faults.take(request.method, request.path, lambda: is_watch(request))
        if fault is None:
            return self._served(request)
        effect = fault.effect
        if effect.get("hang"):
            fault.hold()
            raise Hangup
        if "delay" in effect:
            fault.hold(effect["delay"])
        if effect.get("drop") == "before":
            raise Hangup
        if effect.get("silent"):
            return Response(200, stream=fault.silence)
        if "status" in effect:
            if request.path in HEALTH:
                return health(request.path, request.query, failing=effect.get("message") or "etcd")
            retry_after = effect.get("retry_after")
            return refusal(errors.injected(effect["status"], effect.get("message", ""), retry_after))
        response = self._served(request)
        if effect.get("drop") == "after":
            raise Hangup
        return response

    def _served(self, request: Request) -> Response:
        try:
            user = self._access.authenticate(request.headers)
        except errors.ApiError as error:
            return refusal(error)
        return self._api.answer(user, request)

    def _record(self, request: Request, status: int) -> None:
        kind, agent = (request.headers.get(name, "") for name in ("content-type", "user-agent"))
        query, watches = request.target.partition("?")[2], is_watch(request)
        record = RequestRecord(request.method, request.path, query, status, watches, kind, request.body, agent)
        with self._logged:
            self._log.append(record)
            self._logged.notify_all()
