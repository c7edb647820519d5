"""A broken plugin beside good ones, in a running controller: the good ones do their work, and the fault is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ako.sim import Simulator, SimulatorOptions
from tests.builders import CLASS, endpoints, ingress, service
from tests.contract.third_party import install_by_hand, run

BROKEN = """
from ako import hookimpl
from ako.plugins.ingress import plugin


@hookimpl
def ako_kinds():
    return plugin.ako_kinds()


@hookimpl
def ako_discover(source, view):
    {discover}


@hookimpl
def ako_report(source, outcome):
    {report}
"""
GOOD = {"discover": "return plugin.ako_discover(source, view)", "report": "return plugin.ako_report(source, outcome)"}
RAISES = 'raise ZeroDivisionError("on purpose")'
POOL = "my-cluster--shop.avi.internal_-default-shop"


def converge(folder: Path, module: str, *, fails: str = "") -> tuple[str, list[dict[str, object]]]:
    """Run a controller with the plugin in the place of ours, on one Ingress; give its log and what it reported.

    That a hook fails is the result of a run, and of a plan where that asks it.
    """
    install_by_hand(folder / "site", "broken", "1", "broken = broken", {"broken": module})
    shop = ingress("shop", ("shop.avi.internal", "/", "web:80"))
    manifests = [CLASS, shop, service("web"), endpoints("web", "10.0.0.1")]
    (folder / "manifests").mkdir()
    (folder / "manifests" / "all.yaml").write_text(yaml.safe_dump_all(manifests), encoding="utf-8")
    with Simulator(SimulatorOptions()) as simulator:
        settings = {
            "AKOSettings": {"apiServerPort": 0},
            "ControllerSettings": {"controllerHost": simulator.url},
            "avicredentials": {"username": "admin", "password": "admin"},
            "ako": {"plugins": {"enabled": ["broken", "clusterip_routes"]}},
        }
        (folder / "values.yaml").write_text(json.dumps(settings), encoding="utf-8")
        where = ("--manifests", "manifests", "--config", "values.yaml")
        variables = {"PYTHONPATH": str(folder / "site")}
        done = run(
            ("-m", "ako", "run", "--once", *where, "--report", "report.jsonl"), folder, variables, int(bool(fails))
        )
        planned = run(("-m", "ako", "plan", *where), folder, variables, int(fails == "discover"))
    report = folder / "report.jsonl"
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    return done.stdout + done.stderr + planned.stdout, [json.loads(line) for line in lines]


@pytest.mark.campaign
def test_the_plugin_is_fine_as_long_as_it_is_not_broken(tmp_path: Path) -> None:
    _, reported = converge(tmp_path, BROKEN.format(**GOOD))
    assert any("status" in line for line in reported)


@pytest.mark.parametrize("hook", ["discover", pytest.param("report", marks=pytest.mark.campaign)])
def test_the_controller_goes_on(tmp_path: Path, hook: str) -> None:
    told, reported = converge(tmp_path, BROKEN.format(**{**GOOD, hook: RAISES}), fails=hook)
    assert f"plugin `broken` failed in ako_{hook} for " in told
    assert not any("status" in line for line in reported)
