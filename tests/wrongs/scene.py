"""Where wrongs are done: the product as a process, with the plugins installed as those of a third party are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.contract.third_party import install_by_hand
from tests.e2e.stage import PREFIX, Running, Stage
from tests.waiting import eventually
from tests.wrongs.author import definition, module_of, name_of, thing
from tests.wrongs.wrong import Held, Wrong

DISTRIBUTION = "ako-wrongs"
OURS = ("ingress", "clusterip_routes")
LIMIT_SECONDS = 1
"""How long a hook may take here."""

Json = Mapping[str, Any]


class Scene:
    """A stage with plugins on it, each with an object of its own, and with others beside them.

    Args:
        stage: with one Ingress, `shop`.
        wrongs: the plugins.
        kube: the cluster; without one it is a folder of manifests.
    """

    def __init__(self, stage: Stage, wrongs: Sequence[Wrong], kube: KubeApi | None = None) -> None:
        self.stage, self.avi, self.wrongs = stage, stage.avi, wrongs
        self._kube = kube
        self._kubeconfig = kube.write_kubeconfig(stage.folder / "kubeconfig") if kube else None
        self._before: Mapping[str, Json] = {}
        self._mark = 0
        install(stage, wrongs)
        enable(stage, wrongs)
        stage.configure(AKOSettings={"logLevel": "INFO"})
        if kube is not None:
            kube.apply(*(dict(definition(wrong)) for wrong in wrongs))
            self._put("base", CLASS, service("web"), endpoints("web", "10.0.0.1"))
            self._put("shop", ingress("shop", ("shop.com", "/", "web:80")))
        self.put_signal(is_wrong=False)
        self.put(is_wrong=False)

    def start(self) -> Running:
        """Start the product."""
        if self._kubeconfig:
            return self.stage.start(kubeconfig=self._kubeconfig)
        return self.stage.start("--report", str(self.stage.report))

    def put(self, *, is_wrong: bool, path: str = "/", times: int = 0) -> None:
        """Write the objects of all plugins."""
        self._put("things", *(thing(wrong, is_wrong=is_wrong, path=path, times=times) for wrong in self.wrongs))

    def put_signal(self, *, is_wrong: bool) -> None:
        """Write what the plugins look for that do wrong when something else changes."""
        self._put("signal", service("signal", 81 if is_wrong else 80))

    def put_other(self, name: str) -> None:
        """Have somebody else ask for a host, and wait until it is served."""
        self._put(name, ingress(name, (f"{name}.com", "/", "web:80")))
        eventually(lambda: self.avi.pool_of(f"{name}.com"), f"{name}.com served")

    def change_other(self, *addresses: str) -> None:
        """Have somebody else's pods change, and wait until that is served."""
        self._put("base", CLASS, service("web"), endpoints("web", *addresses))
        eventually(lambda: self._servers("shop.com") == set(addresses), f"shop.com at {addresses}")

    def _put(self, name: str, *manifests: Manifest) -> None:
        if self._kube is None:
            self.stage.put(name, *manifests)
        else:
            self._kube.apply(*map(dict, manifests))

    def _servers(self, host: str) -> set[str]:
        pool = self.avi.pool_of(host) or {}
        return {server["ip"]["addr"] for server in pool.get("servers", ())}

    def unserved(self, path: str = "") -> list[str]:
        """Name the plugins whose objects are not served, on a path."""
        pools = {f"pool/{pool['name']}" for pool in self.avi.objects("pool")}
        return [wrong.name for wrong in self.wrongs if pool_of(wrong, path) not in pools]

    def statuses(self) -> Mapping[str, Json]:
        """Give what the objects of plugins were told last, by their names."""
        if self._kube is not None:
            found = {name_of(w): self._kube.get(w.kind_name, "default", name_of(w)) or {} for w in self.wrongs}
            return {name: item["status"] for name, item in found.items() if item.get("status")}
        told = (line for line in self.stage.reported() if "status" in line)
        return {line["object"].rpartition("/")[2]: line["status"] for line in told}

    def untold(self, path: str) -> list[str]:
        """Name the plugins whose objects were not told that they are served on a path."""
        told = self.statuses()
        return [wrong.name for wrong in self.wrongs if told.get(name_of(wrong)) != {"path": path}]

    def remember(self) -> None:
        """Note what there is of ours, and which request was last."""
        self._before, self._mark = self.avi.ours(), self.avi.mark()

    def losses(self) -> Iterator[str]:
        """Name what is not as it was, and nobody asked to change; what is borne costs only what its plugin serves."""
        now = self.avi.ours()
        yield from (f"{name} is gone" for name in self._kept() - now.keys())
        deleted = (one for one in self.avi.writes_since(self._mark) if one.method == "DELETE")
        yield from (f"there was {one}" for one in deleted if not self._is_borne(one.name))
        for name in self._kept() & now.keys():
            if any(wrong.host in name for wrong in self.wrongs) and _said(now[name]) != _said(self._before[name]):
                yield f"{name} was changed"

    def _kept(self) -> set[str]:
        return {name for name in self._before if not self._is_borne(name)}

    def _is_borne(self, name: str) -> bool:
        return any(wrong.held is Held.BORNE and wrong.host in name for wrong in self.wrongs)


def _said(item: Json) -> Json:
    return {field: value for field, value in item.items() if not field.startswith("_")}


def pool_of(wrong: Wrong, path: str = "") -> str:
    """Name the pool of a plugin's object."""
    return f"pool/{PREFIX}{wrong.host}_{path}-default-{name_of(wrong)}"


def install(stage: Stage, wrongs: Iterable[Wrong], folder: str = "site") -> None:
    """Leave what an installer would."""
    points = "\n".join(f"{wrong.name} = wrong_{wrong.name}" for wrong in wrongs)
    modules = {f"wrong_{wrong.name}": module_of(wrong) for wrong in wrongs}
    install_by_hand(stage.folder / folder, DISTRIBUTION, "1.0", points, modules)
    stage.variables["PYTHONPATH"] = str(stage.folder / folder)


def enable(stage: Stage, wrongs: Iterable[Wrong]) -> None:
    """Enable the plugins before ours: what they are asked first they could spoil for all."""
    names = [*(wrong.name for wrong in wrongs if wrong.name not in OURS), *OURS]
    stage.configure(ako={"plugins": {"enabled": names, "hookLimitSeconds": LIMIT_SECONDS}})
