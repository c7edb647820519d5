"""A plugin in a distribution of its own does all that ours do, with nothing but the public interface."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
import yaml

from ako.sim import Simulator, SimulatorOptions
from tests.contract.third_party import Installed
from tests.waiting import PATIENCE

ENABLED = "ako.plugins.enabled=clusterip_routes,sites"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the example once."""
    return Installed(tmp_path_factory.mktemp("third_party"))


@pytest.mark.campaign
def test_its_own_tests_pass(installed: Installed) -> None:
    """The contract checks that we ship included."""
    installed.run(["-m", "pytest", "-q", "-p", "no:cacheprovider"])


def test_it_is_listed_with_what_it_does(installed: Installed) -> None:
    listed = installed.run(["-m", "ako", "plugins", "list", "--set", ENABLED]).stdout
    (row,) = [line.split() for line in listed.splitlines() if line.startswith("sites ")]
    assert row[:4] == ["sites", "yes", "ako-sites", "1.0.0"]
    assert {hook.strip(",") for hook in row} >= {"ako_settings", "ako_kinds", "ako_discover", "ako_report"}


@pytest.mark.campaign
def test_it_is_not_run_unless_enabled(installed: Installed) -> None:
    listed = installed.run(["-m", "ako", "plugins", "list"]).stdout
    (row,) = [line.split() for line in listed.splitlines() if line.startswith("sites ")]
    assert row[1] == "no"


def test_its_rights_are_printed_with_ours(installed: Installed) -> None:
    printed = installed.run(["-m", "ako", "rbac", "--set", ENABLED]).stdout
    rules = [rule for document in yaml.safe_load_all(printed) for rule in document.get("rules", ())]
    theirs = {rule["resources"][0]: rule["verbs"] for rule in rules if rule["apiGroups"] == ["sites.example.org"]}
    assert theirs == {"sites": ["list", "watch"], "sites/status": ["patch"]}


def test_its_settings_are_ours(installed: Installed) -> None:
    """They are shown with the rest, and a fault in them is reported with the rest."""
    given = ["--set", ENABLED, "--set", "ako.sites.redirect=perhaps"]
    done = installed.run(["-m", "ako", "config", "show", *given], expected=64)
    assert "ako.sites.redirect" in done.stderr
    assert "ako.sites.domain" in installed.run(["-m", "ako", "config", "show", "--set", ENABLED]).stdout


def test_sites_are_served_and_told_so(installed: Installed, tmp_path: Path) -> None:
    """From a manifest to a pool with servers on a shared virtual service, and back into the status."""
    config, report = tmp_path / "values.yaml", tmp_path / "report.jsonl"
    with Simulator(SimulatorOptions()) as simulator:
        settings = {
            "AKOSettings": {"clusterName": "c1", "apiServerPort": 0},
            "ControllerSettings": {"controllerHost": simulator.url, "cloudName": "Default-Cloud"},
            "avicredentials": {"username": "admin", "password": "admin"},
            "ako": {"plugins": {"enabled": ["clusterip_routes", "sites"]}},
        }
        config.write_text(json.dumps(settings), encoding="utf-8")
        where = ["--manifests", "manifests", "--config", str(config), "--report", str(report)]
        done = installed.run(["-m", "ako", "run", "--once", *where])
        found = inventory(simulator.url)
    assert found["pool c1--shop.avi.internal_cart-default-shop"] == ["10.0.0.1:8080", "10.0.0.2:8080"]
    assert "Site/default/lost: HostOutsideDomains" in done.stderr
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    statuses = {line["object"].rpartition("/")[2]: line["status"] for line in lines if "status" in line}
    assert statuses["shop"]["served"] is True
    assert statuses["shop"]["address"]
    assert statuses["lost"]["served"] is False
    assert "lost.elsewhere.test" in statuses["lost"]["reason"]


def inventory(url: str) -> dict[str, list[str]]:
    """Give the pools of a Controller with their servers."""
    with requests.Session() as http:
        http.trust_env = False
        answer = http.post(f"{url}/login", json={"username": "admin", "password": "admin"}, timeout=PATIENCE)
        assert answer.ok
        pools = http.get(f"{url}/api/pool", timeout=PATIENCE).json()["results"]
    return {
        f"pool {pool['name']}": sorted(f"{s['ip']['addr']}:{s['port']}" for s in pool.get("servers", []))
        for pool in pools
    }
