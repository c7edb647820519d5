"""`ako cleanup`: shows everything of ours, asks, and deletes it; what is not ours stays."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.e2e.stage import CLUSTER, Stage
from tests.plugins.clusterip_routes.worlds import Json, node, raw_route

SHOP = ingress("shop", ("shop.com", "/", "web:80"))
FOREIGN_ROUTE = raw_route("default", "0.0.0.0/0")
FOREIGN_POOL = {"name": f"{CLUSTER}--theirs", "created_by": "somebody", "tenant_ref": "/api/tenant/?name=admin"}
POOL = f"{CLUSTER}--shop.com_-default-shop"


@pytest.fixture
def served(stage: Stage) -> Stage:
    """Give a stage on which everything that can be ours is there, beside something that is not."""
    stage.avi.edit("vrfcontext", "global", static_routes=[FOREIGN_ROUTE])
    stage.avi.create("pool", FOREIGN_POOL)
    stage.put("nodes", node("a", "10.244.1.0/24"))
    stage.converge()
    assert len(routes(stage)) == 2
    return stage


def routes(stage: Stage) -> list[Json]:
    found: list[Json] = stage.avi.named("vrfcontext", "global")["static_routes"]
    return found


def left(stage: Stage) -> set[str]:
    """Give the names with our prefix, but for the one that is not ours."""
    return stage.avi.ours().keys() - {f"pool/{CLUSTER}--theirs"}


def answered(stage: Stage, answer: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a terminal, on which somebody types an answer."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    try:
        return stage.ako("cleanup", stdin=os.ttyname(theirs))
    finally:
        os.close(theirs)
        os.close(ours)


def test_everything_of_ours_goes_and_nothing_else(served: Stage) -> None:
    done = served.ako("cleanup", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"  - delete pool {POOL}: everything is to go\n" in done.stdout
    assert "  ~ update vrfcontext global: everything is to go" in done.stdout
    assert done.stdout.endswith("0 left\n")
    assert left(served) == set()
    assert served.avi.named("pool", FOREIGN_POOL["name"])["created_by"] == "somebody"
    assert routes(served) == [FOREIGN_ROUTE]
    assert not served.avi.named("serviceenginegroup", "Default-Group").get("labels")


def test_a_second_one_finds_nothing_and_writes_nothing(served: Stage) -> None:
    assert served.ako("cleanup", "--yes").returncode == 0
    mark = served.avi.mark()
    done = served.ako("cleanup")
    assert (done.returncode, done.stdout) == (0, "nothing to do\n")
    assert not [write for write in served.avi.writes_since(mark) if write.model]


def test_without_a_terminal_it_is_shown_and_nothing_is_changed(served: Stage) -> None:
    before, mark = served.avi.ours(), served.avi.mark()
    done = served.ako("cleanup", "--report", str(served.report))
    assert list(served.reported()) == [], "who only looks tells nobody"
    assert done.returncode == 2
    assert "- delete" in done.stdout
    assert "--yes" in done.stderr
    assert served.avi.ours() == before
    assert not [write for write in served.avi.writes_since(mark) if write.model]


@pytest.mark.parametrize("answer", ["\n", "yes\n", f"{CLUSTER}{CLUSTER}\n"], ids=repr)
def test_another_answer_than_the_name_of_the_cluster_changes_nothing(served: Stage, answer: str) -> None:
    before = served.avi.ours()
    done = answered(served, answer)
    assert done.returncode == 2
    assert f"type the name of the cluster ({CLUSTER})" in done.stderr
    assert "nothing was changed" in done.stderr
    assert served.avi.ours() == before


@pytest.mark.as_typed
def test_the_name_of_the_cluster_confirms(served: Stage) -> None:
    done = answered(served, f"{CLUSTER}\n")
    assert done.returncode == 0, done.stderr
    assert left(served) == set()


def test_what_a_cluster_that_is_gone_has_left_can_be_deleted(served: Stage) -> None:
    """An empty folder stands for the cluster."""
    for manifest in served.manifests.iterdir():
        manifest.unlink()
    assert served.ako("cleanup", "--yes").returncode == 0
    assert left(served) == set()
    assert routes(served) == [FOREIGN_ROUTE]


def test_what_cannot_be_deleted_is_told_and_a_second_run_goes_on(served: Stage) -> None:
    refusal = {"status": 403, "body": {"error": "not today"}}
    served.avi.misbehave({"match": {"method": "DELETE", "name": POOL}, **refusal})
    done = served.ako("cleanup", "--yes")
    assert done.returncode == 1
    assert f"left: pool {POOL}\n" in done.stderr
    assert "not today" in done.stderr
    assert f"pool/{POOL}" in left(served)
    served.avi.misbehave(None)
    assert served.ako("cleanup", "--yes").returncode == 0
    assert left(served) == set()


def test_statuses_in_a_cluster_are_cleared(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    kube.apply(*map(dict, (CLASS, service("web"), endpoints("web", "10.0.0.1"), SHOP)))
    stage.converge(kubeconfig=kubeconfig)
    assert status(kube)
    done = stage.ako("cleanup", "--yes", kubeconfig=kubeconfig)
    assert done.returncode == 0, done.stderr
    assert not status(kube)


def status(kube: KubeApi) -> Manifest | None:
    ingress = kube.get("Ingress", "default", "shop")
    found: Manifest | None = (ingress or {}).get("status", {}).get("loadBalancer", {}).get("ingress")
    return found
