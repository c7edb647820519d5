"""One version, told wherever somebody asks who this is."""

from __future__ import annotations

import configparser
import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from ako import PLUGIN_API
from ako.cli.main import main
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from ako.core.base import version as versions
from ako.core.base.version import UNKNOWN, build, user_agent, version
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.sim import Simulator
from ako.testing import KubeApi
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
RELEASE = re.compile(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.M)


def declared() -> str:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return setup["metadata"]["version"]


def test_the_topmost_version_of_the_changelog_is_that_of_the_package() -> None:
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert releases[0][0] == declared()
    newest_first = [(tuple(map(int, number.split("."))), date) for number, date in releases]
    assert newest_first == sorted(newest_first, reverse=True)


def test_every_heading_of_the_changelog_is_one_of_keep_a_changelog() -> None:
    headings = re.findall(r"^##+ .*$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    sorts = {f"### {sort}" for sort in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")}
    others = [heading for heading in headings if heading not in sorts | {"## [Unreleased]"}]
    assert all(map(RELEASE.fullmatch, others)), others


def test_what_is_told_is_what_is_installed() -> None:
    assert version() == metadata.version("ako")
    assert build().keys() == {"version", "python", "platform"}
    assert re.fullmatch(rf"ako/{re.escape(version())} \(linux/\w+; Python 3\.\d+\.\d+\)", user_agent())


def test_who_runs_it_from_its_source_is_told_that_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "DISTRIBUTION", "ako-that-is-not-installed")
    assert versions.version.__wrapped__() == UNKNOWN


def test_the_option_prints_name_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"ako {version()}\n"


def test_the_command_prints_what_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    first, second, *others = capsys.readouterr().out.splitlines()
    assert first == f"ako {version()}"
    assert second == f"Python {build()['python']} on {build()['platform']}"
    assert others[0] == f"plugin API {PLUGIN_API}"
    assert f"  ingress  ako {version()}" in others
    assert main(["version", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pluginApi"] == PLUGIN_API
    assert told["plugins"]["ingress"] == f"ako {version()}"
    assert {name: told[name] for name in build()} == build()


def test_avi_is_told_who_asks() -> None:
    with Simulator() as simulator:
        endpoint = AviEndpoint(url=simulator.url, username="admin", password="admin", timeout=(PATIENCE, PATIENCE))
        session = AviSession(endpoint)
        session.get("/api/pool")
        session.close()
        asked = simulator.journal.since(1)["requests"]
    assert {row["path"] for row in asked} >= {"/login", "/api/pool", "/logout"}
    assert {row["user_agent"] for row in asked} == {user_agent()}


def test_kubernetes_is_told_who_asks(tmp_path: Path) -> None:
    with KubeApi() as kube:
        cluster = ApiCluster(from_kubeconfig(kube.write_kubeconfig(tmp_path / "kubeconfig")))
        assert cluster.read_config_map("avi-system", "avi-k8s-config") is None
        cluster.stop()
        agents = {record.user_agent for record in kube.requests}
    assert agents == {user_agent()}
