"""The distributions of plugins under `examples/`: installed as a third party's would be, and their scenarios."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.contract.third_party import LEFT_BEHIND, install_by_hand, run
from tests.scenarios.scenario import JsonObject, Scenario, merged
from tests.traffic.asking import Asked

EXAMPLES = Path(__file__).parents[2] / "examples"
CONFIG: JsonObject = {
    "AKOSettings": {"clusterName": "cluster"},
    "NetworkSettings": {"networkName": "net123"},
    "L7Settings": {"shardHash": "fnv1a", "shardVSSize": "SMALL"},
}


@dataclass(frozen=True)
class Example:
    """One distribution, by the name of its folder and of its plugin.

    Attributes:
        enabled: the plugins that its scenarios and manifests are served with, itself among them.
        crds: the kinds that it watches beside those of Kubernetes.
        answers: what requests its manifests as they are lead to some servers, by what is asked.
    """

    name: str
    enabled: tuple[str, ...]
    crds: tuple[JsonObject, ...] = ()
    answers: Mapping[Asked, frozenset[str]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return EXAMPLES / self.name

    @property
    def _declared(self) -> ConfigParser:
        declared = ConfigParser()
        declared.read(self.folder / "setup.cfg", encoding="utf-8")
        return declared

    @property
    def package(self) -> str:
        return self._declared["options"]["packages"]

    @property
    def distribution(self) -> tuple[str, str]:
        """Give its name and version."""
        return self._declared["metadata"]["name"], self._declared["metadata"]["version"]

    @property
    def config(self) -> JsonObject:
        return merged(CONFIG, {"ako": {"plugins": {"enabled": list(self.enabled)}}})

    def scenarios(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "scenarios").glob("*.yaml"))

    def scenario(self, name: str) -> Scenario:
        """Read a scenario; what it applies may be a file of manifests, by its name."""
        content = yaml.safe_load((self.folder / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"))
        return Scenario(
            id=f"{self.name}/{name}",
            title=content["title"],
            platform="kubernetes",
            config=merged(self.config, content.get("config", {})),
            controller={},
            steps=[self._step(step) for step in content["steps"]],
            crds=self.crds,
        )

    def manifests(self, *files: str) -> list[JsonObject]:
        return [
            document
            for file in files
            for document in yaml.safe_load_all((self.folder / "manifests" / file).read_text(encoding="utf-8"))
        ]

    def _step(self, step: JsonObject) -> JsonObject:
        if "apply" not in step:
            return step
        applied: list[Any] = step["apply"]
        return {
            "apply": [thing for one in applied for thing in (self.manifests(one) if isinstance(one, str) else [one])]
        }

    def copied(self, folder: Path) -> Path:
        """Copy it, so that building leaves nothing behind in the checkout."""
        return Path(shutil.copytree(self.folder, folder / self.name, ignore=LEFT_BEHIND))

    def put(self, site: Path) -> None:
        """Leave in a folder what an installer would, with the files of the checkout."""
        install_by_hand(site, *self.distribution, f"{self.name} = {self.package}.plugin", {})
        (site / self.package).symlink_to(self.folder / self.package)

    @contextmanager
    def imported(self, site: Path) -> Iterator[None]:
        """Have it installed in this process for a while."""
        self.put(site)
        sys.path.insert(0, str(site))
        try:
            yield
        finally:
            sys.path.remove(str(site))
            for module in [name for name in sys.modules if name.partition(".")[0] == self.package]:
                del sys.modules[module]


def _kind(api_version: str, kind: str, plural: str) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "plural": plural}


VERSION_2 = (("X-Version", "2"),)
DISTRIBUTIONS: Mapping[str, Example] = {
    example.name: example
    for example in (
        Example(
            "argo_rollouts",
            ("ingress", "argo_rollouts", "clusterip_routes"),
            (_kind("argoproj.io/v1alpha1", "Rollout", "rollouts"),),
            {
                Asked("web.avi.internal"): frozenset({"10.0.0.1:8080", "10.0.0.2:8080"}),
                Asked("other.avi.internal"): frozenset({"10.0.0.3:8080"}),
            },
        ),
        Example(
            "external_servers",
            ("ingress", "external_servers", "clusterip_routes", "nodeport", "loadbalancer"),
            answers={
                Asked("orders.avi.internal"): frozenset({"192.0.2.10:5432", "192.0.2.11:5432"}),
                Asked("web.avi.internal"): frozenset({"10.0.0.1:8080"}),
            },
        ),
        Example(
            "traefik_ingressroute",
            ("ingress", "traefik_ingressroute", "clusterip_routes"),
            (
                _kind("traefik.io/v1alpha1", "IngressRoute", "ingressroutes"),
                _kind("traefik.io/v1alpha1", "TraefikService", "traefikservices"),
            ),
            {
                Asked("shop.avi.internal"): frozenset({"10.0.0.1:8080"}),
                Asked("shop.avi.internal", path="/api"): frozenset({"10.0.0.1:8080", "10.0.0.2:8080"}),
                Asked("shop.avi.internal", path="/api", headers=VERSION_2): frozenset({"10.0.0.3:8080"}),
            },
        ),
    )
}


def install(folder: Path) -> Path:
    """Install all of them by pip, into a folder of their own; give it."""
    site, sources = folder / "site", folder / "sources"
    copies = [str(example.copied(sources)) for example in DISTRIBUTIONS.values()]
    run(
        [
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(site), *copies),
        ]
    )
    return site
