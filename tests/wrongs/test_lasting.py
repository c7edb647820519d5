"""Plugins that nothing holds in the process which they are in: it is started again, and nothing is lost meanwhile."""

from __future__ import annotations

from http import HTTPStatus

import pytest
import requests

from tests.e2e.stage import Running, Stage
from tests.waiting import eventually
from tests.wrongs.lasting import LASTING
from tests.wrongs.scene import Scene
from tests.wrongs.wrong import Wrong

PROBE_SECONDS = 5
"""The timeoutSeconds of the liveness probe."""

SAMPLE = ("exits_hard",)


def _marked(wrong: Wrong) -> object:
    return pytest.param(wrong, id=wrong.name, marks=[] if wrong.name in SAMPLE else [pytest.mark.campaign])


@pytest.mark.parametrize("wrong", [_marked(wrong) for wrong in LASTING])
def test_nothing_is_lost(stage: Stage, wrong: Wrong) -> None:
    scene = Scene(stage, [wrong])
    with scene.start() as ako:
        eventually(lambda: not scene.unserved() and scene.avi.pool_of("shop.com"), "all served")
        ako.becomes_ready()
        scene.remember()
        scene.put(is_wrong=True)
        _ends(wrong, ako)
    with scene.start() as ako:  # as kubelet does
        _ends(wrong, ako)
    assert not list(scene.losses())
    scene.put(is_wrong=False)
    with scene.start() as ako:
        scene.put_other("second")
        assert not list(scene.losses())
        ako.stop()


def _ends(wrong: Wrong, ako: Running) -> None:
    """Wait for its end: by itself, or by the probe, which finds out what it would not do by itself."""
    if wrong.ends:
        assert ako.ends() == wrong.ends
        return
    eventually(lambda: _is_dead(ako), "the liveness probe fails", interval=1.0)
    assert ako.process.poll() is None


def _is_dead(ako: Running) -> bool:
    """Ask as kubelet does, who does not wait long for an answer."""
    try:
        return ako.get("/healthz", timeout=PROBE_SECONDS).status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    except requests.Timeout:
        return True
