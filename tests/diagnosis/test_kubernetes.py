"""What is wrong with an API server, or may not be asked of it, is found by its check, and no other check is blamed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ako.core.control.rights import rights
from ako.core.hooks.loading import load_plugins, offers
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.connection import Connection, from_kubeconfig
from ako.core.kube.rights import Right
from ako.core.settings import Sources, load_settings
from ako.diagnosis.finding import Finding, Verdict, made
from ako.diagnosis.kubernetes import ApiServer
from ako.testing import KubeApi
from ako.testing.listener import Request, Response
from tests.diagnosis.surroundings import NAMESPACE, own_objects
from tests.ports import free_ports

ALL = ("kubernetes", "kubernetes version", "kubernetes clock", "own namespace", "rights")
Prepare = Callable[[KubeApi, dict[str, Any]], object]


class Broken(Struct, frozen=True, kw_only=True):
    """An API server that something is wrong with; `prepare` also may change the kubeconfig."""

    what: str
    check: str
    words: str
    remedy: str
    prepare: Prepare
    verdict: Verdict = Verdict.WRONG
    is_reached: bool = True


def _answering(version: str, date: str = "") -> Callable[[Request], Response]:
    body = json.dumps({"gitVersion": version}).encode()
    return lambda _: Response(200, body, headers=[("Date", date)] if date else [])


def _elsewhere(_: KubeApi, kubeconfig: dict[str, Any]) -> None:
    (port,) = free_ports(1)
    kubeconfig["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"


def _unnamed(_: KubeApi, kubeconfig: dict[str, Any]) -> None:
    kubeconfig["clusters"][0]["cluster"]["server"] = "https://no-such-host.invalid:6443"


BROKEN = (
    Broken(
        what="nothing listens there",
        check="kubernetes",
        words="onnection refused",
        remedy="start the API server",
        prepare=_elsewhere,
        is_reached=False,
    ),
    Broken(
        what="its name is not known",
        check="kubernetes",
        words="no-such-host.invalid",
        remedy="the DNS of this machine",
        prepare=_unnamed,
        is_reached=False,
    ),
    Broken(
        what="its credentials are refused",
        check="kubernetes",
        words="(401)",
        remedy="log in again",
        prepare=lambda kube, _: kube.fault("/version", status=401),
        is_reached=False,
    ),
    Broken(
        what="something else answers",
        check="kubernetes",
        words="no API server",
        remedy="Correct the address",
        prepare=lambda kube, _: kube.add_path("/version", lambda _: Response(200, b"<html>")),
        is_reached=False,
    ),
    Broken(
        what="it is too old",
        check="kubernetes version",
        words="v1.19.4+k3s1 is older than 1.21",
        remedy="Upgrade",
        prepare=lambda kube, _: kube.add_path("/version", _answering("v1.19.4+k3s1")),
    ),
    Broken(
        what="its clock is behind",
        check="kubernetes clock",
        words="behind the clock of this machine",
        remedy="NTP",
        verdict=Verdict.WARNING,
        prepare=lambda kube, _: kube.add_path(
            "/version", _answering("v1.30.0", formatdate(time.time() - 300, usegmt=True))
        ),
    ),
    Broken(
        what="our namespace is not there",
        check="own namespace",
        words="there is no Namespace avi-system",
        remedy="POD_NAMESPACE",
        verdict=Verdict.WARNING,
        prepare=lambda kube, _: kube.delete("Namespace", "", NAMESPACE),
    ),
    Broken(
        what="there is no Secret",
        check="own namespace",
        words="there is no Secret avi-secret",
        remedy="Create it",
        verdict=Verdict.WARNING,
        prepare=lambda kube, _: kube.delete("Secret", NAMESPACE, "avi-secret"),
    ),
    Broken(
        what="the Secret may not be read",
        check="own namespace",
        words="Secret avi-secret may not be read",
        remedy="",
        verdict=Verdict.UNKNOWN,
        prepare=lambda kube, _: kube.fault(f"/api/v1/namespaces/{NAMESPACE}/secrets", status=403),
    ),
    Broken(
        what="rights are missing",
        check="rights",
        words="watch ingresses.networking.k8s.io",
        remedy="ako rbac",
        prepare=lambda kube, _: kube.forbid("watch", "ingresses"),
    ),
    Broken(
        what="rights cannot be asked for",
        check="rights",
        words="cannot be looked at",
        remedy="",
        verdict=Verdict.UNKNOWN,
        prepare=lambda kube, _: kube.fault("/apis/authorization.k8s.io", status=500),
    ),
)


@pytest.fixture(scope="module")
def wanted() -> tuple[Right, ...]:
    installed = offers()
    plugins = PluginHost(load_plugins(["ingress", "clusterip_routes"], installed))
    return rights(plugins, load_settings(Sources(environ={})).settings, NAMESPACE)


def examined(kubeconfig: Path, wanted: tuple[Right, ...], user: str = "") -> Iterator[Finding]:
    connection = Connection(from_kubeconfig(kubeconfig), pool_size=1)
    try:
        server = ApiServer(connection, f"kubeconfig {kubeconfig}", time.time)
        yield from server.examine()
        if server.is_there:
            own = server.own_objects(NAMESPACE, "avi-k8s-config", "avi-secret", are_needed=False)
            yield from made("own namespace", lambda: own)
            yield from made("rights", lambda: server.rights(wanted, user))
    finally:
        connection.close()


def test_of_a_sound_one_nothing_is_wrong(kube: KubeApi, kubeconfig: Path, wanted: tuple[Right, ...]) -> None:
    kube.apply(*own_objects())
    found = list(examined(kubeconfig, wanted))
    assert [finding.check for finding in found] == list(ALL)
    assert {finding.verdict for finding in found} == {Verdict.OK}, found
    assert f"kubeconfig {kubeconfig}" in found[0].text


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.what)
def test_what_is_wrong_is_named(kube: KubeApi, tmp_path: Path, wanted: tuple[Right, ...], broken: Broken) -> None:
    kube.apply(*own_objects())
    kubeconfig = dict(kube.kubeconfig())
    broken.prepare(kube, kubeconfig)
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(kubeconfig), encoding="utf-8")
    found = list(examined(file, wanted))
    (at_fault,) = [finding for finding in found if finding.check == broken.check]
    assert at_fault.verdict is broken.verdict, found
    assert broken.words in at_fault.text
    assert broken.remedy in at_fault.remedy
    others = {finding.check: finding.verdict for finding in found if finding is not at_fault}
    assert set(others.values()) <= {Verdict.OK}, found
    assert {*others, broken.check} == (set(ALL) if broken.is_reached else {"kubernetes"})
    assert broken.is_reached or f"/version, with kubeconfig {file}" in at_fault.text


def test_the_rights_of_another_user_can_be_looked_at(
    kube: KubeApi, kubeconfig: Path, wanted: tuple[Right, ...]
) -> None:
    kube.apply(*own_objects())
    (found,) = [one for one in examined(kubeconfig, wanted, "nobody") if one.check == "rights"]
    assert found.verdict is Verdict.WRONG
    assert f"{len(wanted)} of {len(wanted)} are missing for nobody" in found.text
