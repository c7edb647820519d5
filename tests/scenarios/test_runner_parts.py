"""The parts of the runner that need neither stand-ins nor the product."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.program import environment
from tests.scenarios.ako_process import LISTENING, AkoProcess
from tests.scenarios.comparing import Mismatch, aligned
from tests.scenarios.full_sync import observations, wait_for_full_sync
from tests.scenarios.product import ProductError
from tests.scenarios.report import describe_end, describe_mismatches, describe_step
from tests.scenarios.scenario import DATA, JsonObject, helm_values, load, merged
from tests.scenarios.world import AviRequest
from tests.waiting import wait_until

LOGIN = ("admin", "secret")


def listing(number: int, path: str) -> AviRequest:
    return AviRequest(number, "GET", path, "virtualservice", "", 200, is_write=False)


@pytest.mark.parametrize(
    ("expected", "seen", "holds"),
    [
        ([], [], True),
        ([], [1], False),
        ([1, 2], [2, 1], True),
        ([1], [1, 1], False),
        ([1, 1], [1], False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": None}, {}, True),
        ({"a": 1}, None, False),
        ([{"name": "x", "n": [2, 1]}], [{"name": "x", "n": [1, 2], "more": 1}], True),
        ([{"name": "x"}], [{"name": "x"}, {"name": "y"}], False),
        ([{"name": "x", "n": 1}, {"name": "y", "n": 1}], [{"name": "y", "n": 1}, {"name": "x", "n": 2}], False),
        ([{"ip": "1", "port": 1}, {"ip": "1", "port": 2}], [{"ip": "1", "port": 2}, {"ip": "1", "port": 1}], True),
        ("80", 80, False),
    ],
)
def test_only_what_is_stated_counts_and_lists_are_sets(expected: object, seen: object, holds: bool) -> None:
    assert (aligned(expected, seen) == expected) is holds


def test_helm_values_name_the_controller_and_keep_what_the_scenario_sets() -> None:
    scenario = load(DATA / "ingress" / "01-basic-host-path.json")
    values = helm_values(scenario, scenario.config, "http://127.0.0.1:1", LOGIN)
    assert values["AKOSettings"] == {"clusterName": "cluster", "apiServerPort": 0}
    assert values["ControllerSettings"] == {"controllerHost": "http://127.0.0.1:1"}
    assert values["avicredentials"] == {"username": "admin", "password": "secret"}
    assert values["L7Settings"] == scenario.config["L7Settings"]


def test_full_syncs_come_often_where_a_step_waits_for_one() -> None:
    scenario = load(DATA / "lifecycle" / "13-full-sync-no-op.json")
    values = helm_values(scenario, scenario.config, "http://127.0.0.1:1", LOGIN)
    assert scenario.config["AKOSettings"]["fullSyncFrequency"] == "60"
    assert values["AKOSettings"]["fullSyncFrequency"] == "1"


def test_changed_values_are_laid_over_the_old_ones_which_stay_as_they_were() -> None:
    old: JsonObject = {"a": {"b": 1, "c": [1]}, "d": 1}
    assert merged(old, {"a": {"c": [2]}, "e": 3}) == {"a": {"b": 1, "c": [2]}, "d": 1, "e": 3}
    assert old == {"a": {"b": 1, "c": [1]}, "d": 1}


def test_a_step_with_two_keys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"steps": [{"apply": [], "delete": []}]}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"step 1 has the keys \['apply', 'delete'\]"):
        load(path)


@pytest.mark.parametrize(
    "line",
    [
        "listening on http://127.0.0.1:8081",
        "2026-01-01T00:00:00Z INFO key: -, msg: Listening on http://0.0.0.0:8081/",
        '{"level": "INFO", "msg": "listening on http://[::]:8081"}',
    ],
)
def test_the_port_is_found_in_any_form_of_log(line: str) -> None:
    found = LISTENING.search(line)
    assert found is not None
    assert found[1] == "8081"


def test_the_environment_of_the_product_carries_no_setting_of_ours() -> None:
    ours = {
        "PATH": "/bin",
        "AKO_L7Settings__shardHash": "md5",
        "CTRL_USERNAME": "x",
        "CLUSTER_NAME": "y",
        "http_proxy": "z",
    }
    assert environment(ours) == {"PATH": "/bin", "POD_NAMESPACE": "avi-system", "PYTHONUNBUFFERED": "1"}


def test_an_observation_is_a_first_page_of_virtual_services() -> None:
    paths = {
        "/api/virtualservice": 1,
        "/api/virtualservice/?page_size=100": 1,
        "/api/virtualservice?page=1&page_size=100": 1,
        "/api/virtualservice?page=2&page_size=100": 0,
        "/api/virtualservice?page_size=100&page=12": 0,
        "/api/virtualservice/virtualservice-1": 0,
        "/api/pool?page_size=100": 0,
    }
    assert {path: observations([listing(2, path)], since=1) for path in paths} == paths
    assert observations([listing(2, "/api/virtualservice")], since=2) == 0


def test_a_full_sync_is_over_when_the_second_observation_is_followed_by_silence() -> None:
    first = listing(5, "/api/virtualservice?page_size=100")
    log = [first]
    with pytest.raises(AssertionError, match="1 of 2 lists"):
        wait_for_full_sync(lambda: log, since=4, limit=0.01)
    log.append(listing(6, "/api/virtualservice?page_size=100"))
    wait_for_full_sync(lambda: log, since=4, limit=0.01)


def test_waiting_ends_with_the_first_result() -> None:
    answers = iter([None, None, "there", "too late"])
    assert wait_until(lambda: next(answers), interval=0) == "there"
    assert wait_until(lambda: None, limit=0) is None


def test_a_failure_names_the_step_the_first_difference_and_what_happened_last() -> None:
    scenario = load(DATA / "ingress" / "01-basic-host-path.json")
    assert describe_step(scenario, 2).startswith("ingress/01-basic-host-path, step 2 of 6 (expect): One insecure")
    found = [Mismatch("absent: pool x", "not there", "there"), Mismatch("ako", "ready", "not ready")]
    assert describe_mismatches(found, 1.25) == (
        'after 1.2 s: absent: pool x\n  expected: "not there"\n  seen:     "there"\nalso different (1): ako'
    )
    write = AviRequest(9, "POST", "/api/pool", "pool", "c--x", 201, is_write=True)
    end = describe_end([f"line {n}" for n in range(50)], [listing(8, "/api/virtualservice"), write], "ako-1.log")
    assert end.splitlines()[:3] == [
        "--- the last of 1 writes to the Controller",
        "#9 POST /api/pool pool c--x -> 201",
        "--- the end of ako-1.log",
    ]
    assert end.splitlines()[3:] == [f"line {n}" for n in range(10, 50)]


def test_a_process_that_sigterm_kills_did_not_end_in_good_order(tmp_path: Path) -> None:
    product = AkoProcess(tmp_path / "values.yaml", ("--kubeconfig", str(tmp_path / "kubeconfig")), tmp_path)
    product._process = subprocess.Popen(["sleep", "60"])
    with pytest.raises(ProductError, match="exit code -15 after SIGTERM; 0 was expected"):
        product.stop()
