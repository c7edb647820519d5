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
        eventually(
            lambda: {POOL.format(host=host) for host in ("shop", "next")} <= set(avi.ours()), "both served there"
        )
        assert POOL.format(host="gone") not in avi.ours()
        eventually(standby.running.is_ready, f"ready: {standby.running.err[-2000:]}")


def test_who_leads_again_makes_nothing_anew_that_its_successor_has_let_go(rig: Rig) -> None:
    """What serves nobody is kept until a start; taking over is one."""
    first, second = rig.pair()
    shared = virtual_services(rig)
    rig.declare("last")
    eventually(lambda: rig.serves("last"), "last.com served")
    (lonely,) = virtual_services(rig) - shared
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
