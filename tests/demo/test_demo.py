"""`ako demo` as a user runs it, and its example manifests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import IO

import pytest
import requests
import yaml

from tests.waiting import PATIENCE

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMAND = [sys.executable, "-m", "ako", "demo"]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment whose settings and proxies would mislead whoever took them for the demonstration's."""
    misleading = {"CLUSTER_NAME": "other", "AKO_CONTROLLERSETTINGS__CONTROLLERHOST": "http://127.0.0.1:1"}
    proxies = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    return {**os.environ, **misleading, **proxies, "TMPDIR": str(tmp_path)}


@pytest.mark.long
def test_everything_goes_as_promised(surroundings: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        COMMAND, env=surroundings, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    steps = re.findall(r"^(\d)\. (.+)$", done.stdout, re.MULTILINE)
    assert [title for _, title in steps] == [
        "An Avi Controller to try things on",
        "Plan",
        "Converge",
        "What is served now",
        "Change",
        "Repair",
        "Remove",
        "Clear away",
    ]
    assert re.search(
        r"ok: none of the (\d+) objects(?s:.*)ok: all \1 objects on the Controller are as they", done.stdout
    )
    assert re.search(
        r"^ +/cart +demo--shop-shop\.example\.com_cart-shop +10\.1\.0\.21:9090$", done.stdout, re.MULTILINE
    )
    assert re.search(r"All \d+ promises kept, with \d+ writes, in [\d.]+ s\.\n", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert not re.search(r"[^\n\x20-\x7e…]", done.stdout), "no control characters where nobody looks at a terminal"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_serve_keeps_running_until_a_signal(
    surroundings: dict[str, str], tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    command = [*COMMAND, "--serve"]
    with subprocess.Popen(
        command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as demo:
        try:
            assert demo.stdout is not None
            urls = dict(_said(demo.stdout))
            readiness = requests.get(urls["our controller"], timeout=PATIENCE)
            pools = requests.get(urls["its pools"], timeout=PATIENCE).json()
            demo.send_signal(number)
            _, errors = demo.communicate(timeout=PATIENCE)
        finally:
            demo.kill()
    assert (demo.returncode, errors) == (exit_code, "")
    assert readiness.status_code == 200
    assert "demo--shop-shop.example.com_cart-shop" in {pool["name"] for pool in pools}
    assert list(tmp_path.iterdir()) == []


def _said(output: IO[str]) -> Iterator[tuple[str, str]]:
    """Give what is said in the form `name:  value`, up to the last of it."""
    for line in output:
        if said := re.fullmatch(r"   (\w[^:]*): +(\S+).*\n", line):
            yield said[1], said[2]
            if said[1] == "its log":
                return


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("plan", "not as promised: exit code 2: there are changes. Found: 1"),
        ("run", "not as promised: all 28 steps of the plan are done. Found: not done: "),
    ],
)
def test_a_broken_promise_fails_the_command(
    command: str, complaint: str, surroundings: dict[str, str], tmp_path: Path
) -> None:
    """A command that refuses to work: the step that needs it says what it did not find, and shows why."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        f"import sys\nif {command!r} in sys.orig_argv:\n    raise SystemExit('not today')\n"
    )
    done = subprocess.run(
        COMMAND,
        env={**surroundings, "PYTHONPATH": str(hidden), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"ako: {complaint}")
    assert "not today" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["hidden"]


def test_the_examples_are_what_the_demonstration_uses() -> None:
    packaged = resources.files("ako.cli.demo").joinpath("data")
    with resources.as_file(packaged) as data:
        for part in ("manifests", ""):
            ours = {file.name: file.read_text() for file in (data / part).glob("*.yaml")}
            assert ours
            assert {file.name: file.read_text() for file in (EXAMPLES / part).glob("*.yaml")} == ours


def test_the_examples_show_several_hosts_one_secure_in_two_namespaces() -> None:
    documents = [item for file in EXAMPLES.glob("manifests/*.yaml") for item in yaml.safe_load_all(file.read_text())]
    ingresses = [item for item in documents if item["kind"] == "Ingress"]
    hosts = {rule["host"] for item in ingresses for rule in item["spec"]["rules"]}
    secure = {host for item in ingresses for tls in item["spec"].get("tls", ()) for host in tls["hosts"]}
    assert len(hosts) > 2
    assert len(secure) == 1
    assert len({item["metadata"]["namespace"] for item in ingresses}) == 2
