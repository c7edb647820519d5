"""Which namespaces are served, and whose a host is, from a ConfigMap that changes to statuses, in one process."""

from __future__ import annotations

from tests.builders import Manifest, endpoints, ingress, service
from tests.e2e.stage import Stage, config_map
from tests.e2e.test_no_restart import one_process
from tests.waiting import eventually


def namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def last_status(stage: Stage, where: str) -> list[str]:
    """Give the hosts in the last status that was written."""
    name = f"networking.k8s.io/v1/Ingress/{where}"
    written = [line["status"] for line in stage.reported() if line["object"] == name and "status" in line]
    return [entry["hostname"] for entry in written[-1]["loadBalancer"]["ingress"] or []] if written else []


def test_namespaces_are_selected_blocked_and_kept_apart_without_a_restart(stage: Stage) -> None:
    """A folder has no ages: whoever is live keeps the host."""
    stage.put("config", config_map(nsSyncLabelKey="team", nsSyncLabelValue="web"))
    stage.put("red", service("web", namespace="red"), endpoints("web", "10.0.1.1", namespace="red"))
    stage.put("other", ingress("other", ("shop.com", "/x", "web:80"), namespace="a"))
    stage.put("namespaces", namespace("default", team="web"))
    with one_process(stage) as ako:
        eventually(lambda: last_status(stage, "default/shop") == ["shop.com"], "the selected namespace served")
        ako.becomes_ready()
        assert "pool/c--shop.com_x-a-other" not in stage.avi.ours()

        stage.put("config", config_map(fqdnReusePolicy="Strict", blockedNamespaceList='["red"]'))
        eventually(lambda: "HostOfOtherNamespace" in stage.reasons(), "the other namespace told")
        assert last_status(stage, "a/other") == []
        stage.put("red", ingress("red", ("red.com", "/", "web:80"), namespace="red"))
        stage.remove("shop")
        eventually(lambda: last_status(stage, "a/other") == ["shop.com"], "the other namespace takes over")
        assert stage.avi.pool_of("red.com") is None

        stage.put("config", config_map())
        eventually(lambda: last_status(stage, "red/red") == ["red.com"], "nothing blocked any more")
        stage.put("config", config_map(nsSyncLabelKey="team"))
        ako.says('AKOSettings.namespaceSelector.labelKey = "team"')
        ako.says("the settings in force stay")
        assert stage.avi.pool_of("red.com")
        stage.put("config", config_map(blockedNamespaceList="red"))
        eventually(lambda: last_status(stage, "red/red") == [], "blocked")
        assert stage.avi.pool_of("red.com") is None
    assert "Unreadable" not in stage.reasons()
