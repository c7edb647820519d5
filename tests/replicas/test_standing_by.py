"""What comes to a replica that stands by is in effect when it takes over, as if it had been started with it."""

from __future__ import annotations

from ako.sim import Simulator
from tests.e2e.stage import AviControl
from tests.replicas.rig import POOL, Rig
from tests.waiting import eventually


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
        leader.kill()
        eventually(standby.leads, "a successor")
        eventually(lambda: {POOL.format(host=host) for host in ("shop", "next")} <= set(avi.ours()), "both served there")
        assert POOL.format(host="gone") not in avi.ours()
        eventually(standby.running.is_ready, f"ready: {standby.running.err[-2000:]}")
