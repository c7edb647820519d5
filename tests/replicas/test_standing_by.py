"""Taking over is like a start: what came meanwhile is in effect, and what others did is left as it is."""

from __future__ import annotations

from pathlib import Path

from ako.core.kube.connection import Connection, from_kubeconfig
from ako.core.kube.lease import Claim
from ako.core.kube.lease_lock import LeaseLock
from ako.sim import Simulator
from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.replicas.rig import LEASE, NAMESPACE, POOL, Replica, Rig
from tests.waiting import PATIENCE, eventually


def test_another_controller_is_told_nothing_until_its_turn_and_then_everything(rig: Rig) -> None:
    leader, standby = rig.pair()
    with Simulator() as other, AviControl(other.url) as avi:
        config = rig.folder / "values-1.yaml"
        config.write_text(config.read_text(encoding="utf-8").replace(standby.avi.url, other.url), encoding="utf-8")
        rig.declare("gone")
        eventually(lambda: rig.serves("gone"), "gone.com served")
        rig.cluster.delete("Ingress", "default", "gone")
        eventually(lambda: not rig.serves("gone"), "gone.com no longer served")
        rig.declare("next")
        eventually(lambda: rig.serves("next"), "next.com served")
        assert not avi.requests_since(0)
        assert not [seen for seen in standby.requests if seen.is_avi_write]
        assert shown(standby) == (False, set())
        leader.kill()
        eventually(standby.leads, "a successor")
        eventually(lambda: shown(standby) == (True, {"shop.com", "next.com"}), "both shown on the page")
        eventually(
            lambda: {POOL.format(host=host) for host in ("shop", "next")} <= set(avi.ours()), "both served there"
        )
        assert POOL.format(host="gone") not in avi.ours()
        eventually(standby.running.is_ready, f"ready: {standby.running.err[-2000:]}")


def shown(replica: Replica) -> tuple[bool, set[str]]:
    """Give whether the page says that this replica works, and the hosts that it shows."""
    picture = replica.running.get("/api/topology").json()
    return picture["works"], {row[0] for row in picture["rows"]}


def test_who_leads_again_makes_nothing_anew_that_its_successor_has_let_go(rig: Rig) -> None:
    """What serves nobody is kept until a start; taking over is one."""
    first, second = rig.pair()
    shared = virtual_services(rig)
    rig.declare("last")
    (lonely,) = eventually(lambda: virtual_services(rig) - shared, "a virtual service for last.com")
    rig.cluster.delete("Ingress", "default", "last")
    eventually(lambda: not rig.serves("last"), "last.com no longer served")
    assert lonely in virtual_services(rig)
    first.freeze()
    eventually(second.leads, "a successor")
    eventually(lambda: lonely not in virtual_services(rig), "what serves nobody gone")
    first.thaw()
    first.running.explains("standby, leader is ako-1_")
    second.running.stop()
    eventually(first.leads, "the first again")
    rig.declare("next")
    eventually(lambda: rig.serves("next"), "next.com served")
    eventually(first.running.is_ready, "ready")
    assert lonely not in virtual_services(rig)


def virtual_services(rig: Rig) -> set[str]:
    return {name for name in rig.avi_control.ours() if name.startswith("virtualservice/")}


def test_what_others_wrote_onto_the_lease_stays(kube: KubeApi, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kube.write_kubeconfig(kubeconfig)
    metadata = {"labels": {"team": "x"}, "annotations": {"why": "y"}, "finalizers": ["example.com/kept"]}
    kube.apply({**LEASE, "metadata": {**LEASE["metadata"], **metadata}})
    lock = LeaseLock(lambda: Connection(from_kubeconfig(kubeconfig), pool_size=1), NAMESPACE)
    lease = lock.write(Claim("ako-0_a", 15), lock.read(PATIENCE), PATIENCE)
    lock.write(Claim("ako-0_a", 20), lease, PATIENCE)
    lock.close()
    found = kube.get("Lease", NAMESPACE, "ako-leader")
    assert found
    assert found["spec"] == {"holderIdentity": "ako-0_a", "leaseDurationSeconds": 20}
    assert {name: found["metadata"].get(name) for name in metadata} == metadata
