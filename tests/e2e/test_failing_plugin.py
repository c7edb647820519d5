"""A plugin that raises: its last good result stays, nothing of it is taken away, and nobody else is harmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import ingress
from tests.e2e.stage import Stage
from tests.waiting import eventually

pytestmark = pytest.mark.as_typed
"""An interpreter finds plugins on its path when it starts."""

SOURCE = """
import ako

@ako.hookimpl
def ako_translate(virtual_host, view):
    if "poison" in virtual_host.host:
        raise RuntimeError("spilled")

@ako.hookimpl
def ako_place_backend(backend, view):
    if backend.service == "cursed":
        raise LookupError("no such place")
"""


@pytest.fixture
def with_plugin(stage: Stage, tmp_path: Path) -> Stage:
    site = tmp_path / "site"
    metadata = site / "ako_poison-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "ako_poison.py").write_text(SOURCE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ako-poison\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[ako.plugins]\npoison = ako_poison\n")
    stage.variables["PYTHONPATH"] = str(site)
    return stage


def enable(stage: Stage) -> None:
    stage.configure(ako={"plugins": {"enabled": ["poison", "ingress", "clusterip_routes"]}})


@pytest.mark.parametrize(
    ("host", "backend", "words"),
    [
        (
            "poison.com",
            "web:80",
            "in ako_translate for host poison.com: it raised RuntimeError: spilled",
        ),
        (
            "cursed.com",
            "cursed:80",
            "in ako_place_backend for backend default/cursed: it raised LookupError: no such place",
        ),
    ],
)
def test_nothing_is_taken_away_after_a_restart(with_plugin: Stage, host: str, backend: str, words: str) -> None:
    stage = with_plugin
    stage.put("bad", ingress("bad", (host, "/", backend)))
    stage.converge()
    before = stage.avi.ours()
    assert stage.avi.pool_of(host) is not None
    enable(stage)
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    done = stage.ako("run", "--once")
    assert words in done.stderr
    assert "Ingress/default/bad" in done.stderr
    after = stage.avi.ours()
    assert before.keys() <= after.keys()
    assert stage.avi.pool_of("third.com") is not None
    assert after[f"pool/c--{host}_-default-bad"] == before[f"pool/c--{host}_-default-bad"]


def test_while_running_others_go_on(with_plugin: Stage) -> None:
    stage = with_plugin
    enable(stage)
    stage.configure(AKOSettings={"logLevel": "INFO"})
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("shop.com"), "shop.com served")
        stage.put("bad", ingress("bad", ("poison.com", "/", "web:80")))
        ako.says("spilled")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        assert stage.avi.pool_of("poison.com") is None
        failures = 'ako_plugin_failures_total{{hook="{}",plugin="poison"}}'.format
        eventually(lambda: ako.metric(failures("ako_translate")) >= 1, "counted")
        assert ako.metric(failures("ako_place_backend")) == 0
        assert ako.metric('ako_plugin_info{plugin="poison",version="1.0"}') == 1
        stage.put("many", *(ingress(f"b{n}", (f"poison{n}.com", "/", "web:80")) for n in range(30)))
        eventually(lambda: ako.metric(failures("ako_translate")) >= 31, "all failed")
        assert ako.err.count(" ERROR ") <= 5, "not a line for each"
        assert "Traceback" not in ako.err
        assert "no longer fails" not in ako.err
        stage.remove("bad")
        stage.remove("many")
        ako.says("plugin poison no longer fails in ako_translate, after ")
        ako.stop()


def test_a_plugin_that_does_not_load_is_named(with_plugin: Stage, tmp_path: Path) -> None:
    enable(with_plugin)
    (tmp_path / "site" / "ako_poison.py").write_text("import nonesuch\n")
    done = with_plugin.ako("run", "--once")
    assert done.returncode == 64
    assert "plugin poison (ako-poison 1.0, ako_poison) does not load: ModuleNotFoundError" in done.stderr
    assert "Traceback" not in done.stderr
