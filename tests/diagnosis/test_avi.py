"""What is wrong with an Avi Controller is found by its check, with what to do, and no other check is blamed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import pytest
import requests
from msgspec import Struct

from ako.cli.wiring import endpoint_of
from ako.core.avi.session import AviSession
from ako.core.base.places import Places
from ako.core.settings import Sources, load_settings
from ako.diagnosis.avi import AviController
from ako.diagnosis.finding import Finding, Verdict
from ako.sim import Simulator
from tests.ports import free_ports

Json = Mapping[str, Any]
VRF_OF_ANOTHER = {"name": "Default-Group", "labels": [{"key": "clustername", "value": "other"}]}


class Broken(Struct, frozen=True, kw_only=True):
    """A Controller that something is wrong with."""

    what: str
    check: str
    words: str
    remedy: str
    verdict: Verdict = Verdict.WRONG
    baseline: Json = {}
    flags: Mapping[str, str] = {}
    fault: Json | None = None
    hidden: tuple[str, ...] = ()
    """Checks that cannot be made because of it."""


HERE = ("tenant", "cloud", "IPAM", "networks", "VRF", "SE group", "DNS profile", "avi rights")
ALL = ("avi", "avi version", "avi clock", "avi cluster", *HERE)
NOT_BEFORE = tuple(name for name in ALL if name != "avi")
INITIAL = {"version": {"Version": "20.1.5"}}

BROKEN = (
    Broken(
        what="the password is wrong",
        check="avi",
        words="Invalid credentials",
        remedy="avicredentials.password",
        flags={"avicredentials.password": "wrong"},
        hidden=NOT_BEFORE,
    ),
    Broken(
        what="it answers 503",
        check="avi",
        words="503",
        remedy="the Controller is up",
        fault={"status": 503, "body": {"error": "starting"}},
        hidden=NOT_BEFORE,
    ),
    Broken(
        what="something else is at its address",
        check="avi",
        words="does not look like an Avi Controller",
        remedy="write the address of the Controller",
        fault={"status": 200, "body": "<html><title>Router</title></html>"},
        hidden=NOT_BEFORE,
    ),
    Broken(
        what="it is asked for a version that it does not have",
        check="avi version",
        words="ask for 22.1.3",
        remedy="Leave ControllerSettings.controllerVersion empty",
        verdict=Verdict.WARNING,
        flags={"ControllerSettings.controllerVersion": "22.1.3"},
    ),
    Broken(
        what="its clock is an hour ahead",
        check="avi clock",
        words="ahead of the clock",
        remedy="NTP",
        verdict=Verdict.WARNING,
        fault={
            "match": {"path": "/api/initial-data"},
            "status": 200,
            "body": INITIAL,
            "headers": {"Date": formatdate(time.time() + 3603, usegmt=True)},
        },
    ),
    Broken(
        what="a node of it is away",
        check="avi cluster",
        words="CLUSTER_NO_QUORUM",
        remedy="nodes of the Controller",
        verdict=Verdict.WARNING,
        baseline={"cluster_runtime": {"cluster_state": {"state": "CLUSTER_NO_QUORUM"}}},
    ),
    Broken(
        what="there is no such tenant",
        check="tenant",
        words="may not read in tenant 'nobodys'",
        remedy="reate the tenant",
        flags={"ControllerSettings.tenantName": "nobodys"},
        hidden=("cloud", "IPAM", "networks", "VRF", "SE group", "DNS profile", "avi rights", "avi cluster"),
    ),
    Broken(
        what="there is no such cloud",
        check="cloud",
        words="there is no cloud 'Other-Cloud'",
        remedy="orrect the name in",
        flags={"ControllerSettings.cloudName": "Other-Cloud"},
        hidden=("IPAM", "networks", "VRF", "SE group", "DNS profile"),
    ),
    Broken(
        what="the cloud has no IPAM profile",
        check="IPAM",
        words="has no IPAM profile",
        remedy="dd one, addresses are taken from it",
        baseline={"cloud": {"name": "Default-Cloud", "ipam_provider_ref": None}},
        hidden=("DNS profile",),
    ),
    Broken(
        what="there is no such network",
        check="networks",
        words="there is no network 'nowhere'",
        remedy="orrect the name in",
        flags={"NetworkSettings.networkName": "nowhere"},
        hidden=("DNS profile",),
    ),
    Broken(
        what="there is no such second network",
        check="networks",
        words="there is no network 'nowhere'",
        remedy="orrect the name in",
        flags={"NetworkSettings.vipNetworkList": '[{"networkName": "net1"}, {"networkName": "nowhere"}]'},
        baseline={"networks": [{"name": "net1"}]},
    ),
    Broken(
        what="it is older than any that is supported",
        check="avi version",
        words="18.2.9",
        remedy="pgrade the Controller",
        fault={
            "match": {"path": "/api/initial-data"},
            "status": 200,
            "body": {"version": {"Version": "18.2.9"}},
        },
        hidden=ALL[2:],
    ),
    Broken(
        what="there is no such SE group",
        check="SE group",
        words="there is no Service Engine Group 'Fast'",
        remedy="orrect the name in",
        flags={"ControllerSettings.serviceEngineGroupName": "Fast"},
        hidden=("DNS profile",),
    ),
    Broken(
        what="the SE group is another cluster's",
        check="SE group",
        words="labels does not match with cluster name",
        remedy="ame a group of its own for each cluster",
        baseline={"serviceenginegroups": [VRF_OF_ANOTHER]},
        hidden=("DNS profile",),
    ),
    Broken(
        what="the cloud serves no domain",
        check="DNS profile",
        words="serves no DNS domain",
        remedy="Give the cloud a DNS profile",
        verdict=Verdict.WARNING,
        baseline={"dns_domains": []},
    ),
    Broken(
        what="pools may not be read",
        check="avi rights",
        words="may not read in tenant 'admin': pool (403",
        remedy="Give the user a role",
        fault={"match": {"model": "pool"}, "status": 403, "body": {"error": "permission denied"}},
    ),
)


def examined(url: str, flags: Mapping[str, str] = {}) -> list[Finding]:
    given = {
        "ControllerSettings.controllerHost": url,
        "avicredentials.username": "admin",
        "avicredentials.password": "admin",
        **flags,
    }
    loaded = load_settings(Sources(flags=given, environ={}))
    session = AviSession(endpoint_of(loaded.settings, Places(loaded.origins)))
    try:
        return list(AviController(session, loaded.settings, time.time).examine())
    finally:
        session.close()


def test_of_a_sound_one_nothing_is_wrong(simulator: Simulator) -> None:
    requests.post(f"{simulator.url}/_sim/reset", timeout=30).raise_for_status()
    found = examined(simulator.url)
    assert [finding.check for finding in found] == list(ALL)
    assert {finding.verdict for finding in found} == {Verdict.OK}, found


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.what)
def test_what_is_wrong_is_named(simulator: Simulator, broken: Broken) -> None:
    requests.post(f"{simulator.url}/_sim/reset", json=dict(broken.baseline), timeout=30).raise_for_status()
    if broken.fault is not None:
        requests.post(f"{simulator.url}/_sim/faults", json=dict(broken.fault), timeout=30).raise_for_status()
    found = examined(simulator.url, broken.flags)
    (at_fault,) = [finding for finding in found if finding.check == broken.check]
    assert at_fault.verdict is broken.verdict, found
    assert broken.words in at_fault.text
    assert broken.remedy in at_fault.remedy, at_fault
    others = {finding.check: finding.verdict for finding in found if finding.check != broken.check}
    hidden = {check for check, verdict in others.items() if verdict is Verdict.UNKNOWN}
    assert hidden <= set(broken.hidden), found
    assert {verdict for check, verdict in others.items() if check not in hidden} <= {Verdict.OK}, found
    assert set(others) | {broken.check} | set(broken.hidden) == set(ALL)


def test_one_that_is_not_there_is_told_with_what_was_tried() -> None:
    (port,) = free_ports(1)
    (found,) = examined(f"http://127.0.0.1:{port}")
    assert found.verdict is Verdict.WRONG
    assert f"tried POST http://127.0.0.1:{port}/login as 'admin'" in found.text
    assert "ControllerSettings.controllerHost" in found.remedy
    assert "start the Controller" in found.remedy
