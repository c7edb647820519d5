"""The cluster that pages speak of: with `ako` installed, at work on the examples, or before anything is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from ako.testing import KubeApi
from tests.builders import ingress
from tests.pages.place import Place
from tests.pages.site import ROOT
from tests.waiting import eventually

Json = dict[str, Any]
AVI = "avi.example.com"
"""What pages call the Avi Controller."""
BEFORE = ("docs/install.md", "deploy/chart/ako/README.md")
"""Pages that begin where nothing is installed."""
INSTALLED = ("docs/health.md", "docs/metrics.md", "docs/logs.md")
"""Pages that ask the program in the cluster without saying how it is reached."""
VALUES: Json = {
    "AKOSettings": {"clusterName": "my-cluster", "fullSyncFrequency": 1800},
    "NetworkSettings": {"defaultDomain": "avi.internal"},
    "ControllerSettings": {"controllerHost": AVI},
    "avicredentials": {"username": "admin", "password": "admin"},
}
"""The operator's file, `values.yaml`."""


def prepare(kube: KubeApi, url: str, *, is_running: bool) -> None:
    """Fill a cluster with the examples, and install `ako` in it, with an Avi Controller at this URL."""
    for namespace in ("shop", "blog"):
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    kube.load(*sorted((ROOT / "examples" / "manifests").glob("*.yaml")))
    settings = {
        "clusterName": "my-cluster",
        "controllerIP": url,
        "fullSyncFrequency": "1800",
        "defaultDomain": "avi.internal",
    }
    kube.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "avi-system"}},
        _own("v1", "ConfigMap", "avi-k8s-config", data={**settings, "deleteConfig": "false"}),
        _own("v1", "Secret", "avi-secret", stringData={"username": "admin", "password": "admin"}),
        _own("apps/v1", "StatefulSet", "ako", spec=_stateful_set(1 if is_running else 0)),
    )


def values() -> str:
    """Give the text of the operator's file."""
    return yaml.safe_dump(VALUES)


def _own(version: str, kind: str, name: str, **fields: Json) -> Json:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "avi-system"}, **fields}


def _stateful_set(replicas: int) -> Json:
    labels = {"app.kubernetes.io/name": "ako"}
    container = {"name": "ako", "image": "ako", "args": ["run"]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {"replicas": replicas, "serviceName": "ako", "selector": {"matchLabels": labels}, "template": template}


def _another_reader(place: Place) -> None:
    """Have a cluster with nothing in it, and a Controller too."""
    place.cluster.stop()
    place.cluster.avi.wipe()
    place.cluster.rebuild()
    place.begin()


def _controller_away(place: Place) -> None:
    place.cluster.avi.misbehave({"unreachable": True})


def _older_backup(place: Place) -> None:
    """Have a backup with three hosts more, and without a fourth, than what users want now."""
    kube, avi = place.cluster.kube, place.cluster.avi
    avi.misbehave(None)
    old = [
        ingress(f"old-{n}", (f"old-{n}.example.com", "/", "web:80"), namespace="shop", ingressClassName="avi-lb")
        for n in (1, 2, 3)
    ]
    kube.apply(*map(dict, old))
    place.serves("old-1.example.com", "old-2.example.com", "old-3.example.com")
    place.in_line()
    backup = avi.back_up()
    for one in old:
        kube.delete(dict(one))
    kube.apply(dict(ingress("new", ("new.example.com", "/", "web:80"), namespace="shop", ingressClassName="avi-lb")))
    place.serves("new.example.com")
    place.serves_not("old-1.example.com", "old-2.example.com", "old-3.example.com")
    place.cluster.stop()  # a process that saw the deletions would make good for them at once
    avi.restore(backup)
    avi.expire_sessions()


def _wiped(place: Place) -> None:
    place.serves("new.example.com")
    place.serves_not("old-1.example.com", "old-2.example.com", "old-3.example.com")
    place.cluster.avi.wipe()


def _older_cluster(place: Place) -> None:
    """Have the cluster forget three hosts."""
    kube = place.cluster.kube
    backup = kube.back_up()
    for number in (1, 2, 3):
        host = f"young-{number}.example.com"
        kube.apply(dict(ingress(f"young-{number}", (host, "/", "web:80"), namespace="shop", ingressClassName="avi-lb")))
        place.serves(host)
    place.in_line()
    kube.down()
    kube.restore(backup)
    kube.forget_caches()
    asked = "curl -s 'http://127.0.0.1:8080/readyz?verbose'"
    eventually(lambda: "what is known is served" in place.run(asked).printed, "the API server is missed")
    kube.up()


def _rebuilt(place: Place) -> None:
    """Have another cluster in the place of this one, with the same applications and settings."""
    place.serves_not("young-1.example.com", "young-2.example.com", "young-3.example.com")
    place.cluster.stop()
    rebuilt = place.cluster.rebuild()
    prepare(rebuilt, place.avi_url, is_running=True)
    place.begin()


def _gone(place: Place) -> None:
    place.cluster.stop()
    place.cluster.kube.delete("StatefulSet", "avi-system", "ako")


def _installed_by_helm(place: Place) -> None:
    """Have the release in place of what was laid into the cluster."""
    kube = place.cluster.kube
    place.cluster.stop()
    for kind, name in (("StatefulSet", "ako"), ("ConfigMap", "avi-k8s-config")):
        kube.delete(kind, "avi-system", name)
    done = place.run("helm install ako deploy/chart/ako --namespace avi-system --values values.yaml")
    assert done.code == 0, done.printed
    place.in_line()


def _blocked(place: Place) -> None:
    place.in_line()
    kube = place.cluster.kube
    settings = kube.get("ConfigMap", "avi-system", "avi-k8s-config")
    assert settings is not None
    settings["data"]["blockedNamespaceList"] = '["shop", "blog"]'
    kube.apply(settings)


def _edited(place: Place) -> None:
    """Serve all again, and have somebody take the servers of a pool away."""
    kube = place.cluster.kube
    settings = kube.get("ConfigMap", "avi-system", "avi-k8s-config")
    assert settings is not None
    del settings["data"]["blockedNamespaceList"]
    kube.apply(settings)
    place.serves("www.example.com")
    place.in_line()
    place.cluster.avi.edit("pool", "my-cluster--www.example.com_-shop-www", servers=[])


def _wrong_password(place: Place) -> None:
    place.cluster.stop()
    secret = place.cluster.kube.get("Secret", "avi-system", "avi-secret")
    assert secret is not None
    place.cluster.kube.apply({**secret, "data": {}, "stringData": {"username": "admin", "password": "other"}})
    place.begin()


SITUATIONS: Mapping[tuple[str, str], Callable[[Place], None]] = {
    ("docs/health.md", "`/readyz`"): _wrong_password,
    ("docs/install.md", "Without Helm"): _another_reader,
    ("docs/backup.md", "The Controller is away"): _controller_away,
    ("docs/backup.md", "The Controller was restored from an older backup"): _older_backup,
    ("docs/backup.md", "The Controller was wiped, or replaced by a new one"): _wiped,
    ("docs/backup.md", "The cluster was restored from an older backup"): _older_cluster,
    ("docs/backup.md", "The cluster was rebuilt with the same name"): _rebuilt,
    ("docs/backup.md", "The cluster is gone for good"): _gone,
    ("docs/faq.md", "1. How do I delete everything that was made on the Controller?"): Place.in_line,
    ("docs/chart.md", "What a change does"): _installed_by_helm,
    ("docs/upgrade.md", "Before an upgrade"): _installed_by_helm,
    ("docs/operate.md", "A deletion is held"): _blocked,
    ("docs/operate.md", "Somebody edits on the Controller by hand"): _edited,
}
"""What has come about, by page and section, before its commands are typed."""
