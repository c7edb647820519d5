"""The two sides a controller stands between, in this process: Kubernetes, and an Avi Controller not ours alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ako.sim import Simulator
from ako.testing import KubeApi
from ako.testing.kube_api import RequestRecord
from tests.builders import CLASS, Manifest
from tests.campaign.flavour import Flavour
from tests.e2e.stage import OWNED_TYPES, AviControl
from tests.plugins.clusterip_routes.worlds import raw_route

Json = dict[str, Any]

CLUSTER = "prod"
PREFIX = f"{CLUSTER}--"
NEIGHBOUR = "prod-2"
"""Another cluster on the same Controller: its name begins with ours, its objects must not be taken for ours."""

_CLOUD = {"cloud_ref": "/api/cloud/?name=Default-Cloud"}
_VIP = [{"vip_id": "0", "auto_allocate_ip": True, "auto_allocate_ip_type": "V4_ONLY"}]
_FOREIGN: tuple[tuple[str, Json], ...] = (
    ("pool", {"name": "operators-pool", **_CLOUD}),
    ("pool", {"name": f"{PREFIX}operators-pool", **_CLOUD}),
    ("pool", {"name": f"{PREFIX}somebodys-pool", "created_by": "somebody", **_CLOUD}),
    ("pool", {"name": f"{NEIGHBOUR}--x.com_-default-x", "created_by": f"ako-{NEIGHBOUR}", **_CLOUD}),
    ("poolgroup", {"name": f"{NEIGHBOUR}--Shared-L7-0", "created_by": f"ako-{NEIGHBOUR}", **_CLOUD}),
    (
        "vsvip",
        {
            "name": f"{PREFIX}theirs-by-marker",
            "vip": _VIP,
            "markers": [{"key": "clustername", "values": [NEIGHBOUR]}],
            "dns_info": [{"fqdn": "marked.com"}],
            **_CLOUD,
        },
    ),
    ("vsvip", {"name": f"{NEIGHBOUR}--Shared-L7-0", "vip": _VIP, "dns_info": [{"fqdn": "x.com"}], **_CLOUD}),
    (
        "virtualservice",
        {
            "name": f"{NEIGHBOUR}--Shared-L7-0",
            "created_by": f"ako-{NEIGHBOUR}",
            "vsvip_ref": f"/api/vsvip/?name={NEIGHBOUR}--Shared-L7-0",
            "services": [{"port": 80}],
            **_CLOUD,
        },
    ),
)
_ROUTES = [raw_route("default", "0.0.0.0/0"), raw_route(f"{NEIGHBOUR}-1", "10.9.0.0/24", owner=NEIGHBOUR)]


class Namesake:
    """Another cluster of our name, with an API server of its own, that works on the same Avi Controller."""

    def __init__(self, world: World, content: Iterable[Manifest]) -> None:
        self.world, self.simulator = world, world.simulator
        self.flavour, self.is_late = world.flavour, world.is_late
        self._stack = ExitStack()
        self.kube, self.kubeconfig = _api_server(self._stack, self.flavour)
        self.uid = uid_of(self.kube)
        self.kube.apply(dict(CLASS), *map(dict, content))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def note_trespass(self, method: str, target: str) -> None:
        """Note a request if it changes what belongs to the cluster under test."""
        self.world.note_trespass(method, target, self.uid)


def _api_server(stack: ExitStack, flavour: Flavour) -> tuple[KubeApi, Path]:
    kube = stack.enter_context(KubeApi(serve_routes=flavour.routes))
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-"))
    return kube, kube.write_kubeconfig(Path(folder) / "kubeconfig")


def uid_of(kube: KubeApi) -> str:
    """Give what tells a cluster from all others."""
    found = kube.get("Namespace", "", "kube-system")
    assert found is not None
    return str(found["metadata"]["uid"])


def mark_on(item: Mapping[str, Any]) -> str:
    """Give the uid of the cluster that an object is marked as of, empty if it bears no mark."""
    return next((str(m["values"][0]) for m in item.get("markers", ()) if m["key"] == "cluster_uid"), "")


class World:
    """An Avi Controller and an API server of their own; what others have on the Controller is there from the start.

    Attributes:
        flavour: what kind of cluster it is.
        is_late: some requests are carried out after they were given up: controllers are to give up soon.
        uid: of our cluster.
        trespasses: requests of one cluster that change what belongs to another.
    """

    def __init__(self, simulator: Simulator | None = None, flavour: Flavour = Flavour()) -> None:  # noqa: B008 - frozen
        self.flavour = flavour
        self.is_late = False
        self._stack = ExitStack()
        self.simulator = simulator or self._stack.enter_context(Simulator())
        self.avi = self._stack.enter_context(AviControl(self.simulator.url))
        self.kube, self.kubeconfig = _api_server(self._stack, flavour)
        self.uid = uid_of(self.kube)
        self.trespasses: list[str] = []
        for kind, body in _FOREIGN:
            self.avi.create(kind, body)
        self.avi.edit("vrfcontext", "global", static_routes=_ROUTES)
        self.declare(CLASS)
        self._foreign_before = self.foreign()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kube.clear_faults()
        self._stack.close()

    def declare(self, *manifests: Manifest) -> None:
        """Create or change Kubernetes objects."""
        self.kube.apply(*map(dict, manifests))

    def kube_writes(self) -> list[RequestRecord]:
        """Give every write of a controller that the API server has answered."""
        return [record for record in self.kube.requests if record.method != "GET"]

    def foreign(self) -> Mapping[str, object]:
        """Give everything that is not ours, with its identity and version."""
        found: dict[str, object] = {
            f"{kind}/{body['name']}": self.avi.named(kind, body["name"]) for kind, body in _FOREIGN
        }
        ours = {"key": "clustername", "value": CLUSTER}
        routes = self.avi.named("vrfcontext", "global").get("static_routes", [])
        found["static routes"] = [route for route in routes if ours not in route.get("labels", ())]
        return found

    def touched(self) -> list[str]:
        """Name what is not ours and is not as it was at the start; that it is gone counts too."""
        try:
            now = self.foreign()
        except RuntimeError as error:
            return [str(error)]
        return sorted(name for name, before in self._foreign_before.items() if now[name] != before)

    def note_trespass(self, method: str, target: str, uid: str = "") -> None:
        """Note a request of a cluster, by default ours, if it changes an object that is marked as of another."""
        kind, _, uuid = target.partition("?")[0].removeprefix("/api/").partition("/")
        record = self.simulator.store.get(kind, uuid) if method in {"PUT", "PATCH", "DELETE"} else None
        owner = mark_on(record.data) if record is not None else ""
        if record is not None and owner not in {"", uid or self.uid}:
            self.trespasses.append(f"{method} {kind}/{record.name}, which belongs to {owner}")

    def clear_away(self, uid: str) -> list[str]:
        """Have an operator delete everything of another cluster; give what there was."""
        cleared: list[str] = []
        for kind in OWNED_TYPES:
            for item in self.avi.objects(kind):
                if mark_on(item) == uid:
                    self.avi.delete(kind, item["name"], force=True)
                    cleared.append(f"{kind}/{item['name']}")
        return cleared

    def is_ours(self, kind: str, item: Mapping[str, Any]) -> bool:
        """Say whether an object is of the cluster under test."""
        if not item["name"].startswith(PREFIX):
            return False
        return not any(kind == other and item["name"] == body["name"] for other, body in _FOREIGN)

    def ours(self) -> dict[str, Json]:
        """Give everything of the cluster under test, by type and name."""
        found = ((kind, item) for kind in OWNED_TYPES for item in self.avi.objects(kind))
        return {f"{kind}/{item['name']}": dict(item) for kind, item in found if self.is_ours(kind, item)}
