"""`ako demo` as a user runs it, and its example manifests."""

from __future__ import annotations

import os
import re
import shutil
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

from tests.waiting import PATIENCE, eventually

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
        "Ask",
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
    assert re.search(
        r"^ +https://shop\.example\.com/cart/42 +200 +shop: cart-1; certificate of shop/shop-tls$",
        done.stdout,
        re.MULTILINE,
    )
    assert re.search(r"ok: [1-9]\d* requests meanwhile, and none was lost", done.stdout)
    assert re.search(r"^ +https://shop\.example\.com/cart/42 +closed$", done.stdout, re.MULTILINE)
    assert re.search(r"All \d+ promises kept, with \d+ writes, in [\d.]+ s\.\n", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert not re.search(r"[^\n\x20-\x7e…]", done.stdout), "no control characters where nobody looks at a terminal"
    assert list(tmp_path.iterdir()) == []


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="what is printed are commands of curl")


@needs_curl
@pytest.mark.parametrize(
    ("number", "exit_code"),
    [(signal.SIGINT, 0), pytest.param(signal.SIGTERM, 128 + signal.SIGTERM, marks=pytest.mark.campaign)],
)
def test_serve_keeps_running_until_a_signal(
    surroundings: dict[str, str], tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    command = [*COMMAND, "--serve"]
    with subprocess.Popen(
        command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as demo:
        try:
            assert demo.stdout is not None
            said = dict(_said(demo.stdout))
            readiness = requests.get(said["our controller"], timeout=PATIENCE)
            pools = requests.get(said["its pools"], timeout=PATIENCE).json()
            by_hand = list(_commands(demo.stdout))
            answers = {asked_by(command): outcome(command) for command in by_hand}
            blog = Path(said["manifests, watched"]) / "blog.yaml"
            blog.write_text(blog.read_text() + "  - {addresses: [10.2.0.13], conditions: {ready: true}}\n")
            asks_blog = next(command for command in by_hand if "blog.example.com" in command)
            eventually(lambda: outcome(asks_blog) == "blog-3", "the new pod answers")
            demo.send_signal(number)
            _, errors = demo.communicate(timeout=PATIENCE)
        finally:
            demo.kill()
    assert (demo.returncode, errors) == (exit_code, "")
    assert readiness.status_code == 200
    assert "demo--shop-shop.example.com_cart-shop" in {pool["name"] for pool in pools}
    assert answers == {
        "http://blog.example.com/42": "blog-1",
        "telnet": "10.1.0.31:5672",
        "http://shop.avi.internal/shop/42": "blue-1",
        "http://shop.example.com/cart/42?a=b": "https://shop.example.com/cart/42?a=b",
        "https://shop.example.com/42": "web-1",
        "https://shop.example.com/cart/42": "cart-1",
        "http://vault.avi.internal/42": "https://vault.avi.internal/42",
        "https://vault.avi.internal/42": "vault-1",
        "http://www.example.com/42": "web-1",
        "http://www.example.com/news/42": "blog-1",
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "number"), [((), signal.SIGINT), (("--serve",), signal.SIGTERM)])
def test_a_signal_ends_it_in_good_order_wherever_it_is(
    surroundings: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    with subprocess.Popen(
        [*COMMAND, *arguments], env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as demo:
        try:
            assert demo.stdout is not None
            assert demo.stdout.readline()
            assert list(tmp_path.iterdir()), "what is cleared away"
            demo.send_signal(number)
            _, errors = demo.communicate(timeout=PATIENCE)
        finally:
            demo.kill()
    assert (demo.returncode, errors) == (128 + number, "")
    assert list(tmp_path.iterdir()) == []


def _said(output: IO[str]) -> Iterator[tuple[str, str]]:
    """Give what is said in the form `name:  value`, up to the last of it."""
    for line in output:
        if said := re.fullmatch(r"   (\w[^:]*): +(\S+).*\n", line):
            yield said[1], said[2]
            if said[1] == "its log":
                return


def _commands(output: IO[str]) -> Iterator[str]:
    """Give the commands that ask by hand."""
    begun = False
    for line in output:
        is_one = "curl " in line
        if is_one:
            yield line.strip()
        elif begun:
            return
        begun = begun or is_one


def asked_by(command: str) -> str:
    """Give the URL that a command asks for."""
    found = re.search(r"'(\S+)'$", command)
    return found[1] if found else "telnet"


def outcome(command: str) -> str:
    """Run a command in a shell; give the pod that answered, where it was sent, or the first line of the answer.

    The first pod of a Service counts for all of them, but for those that come in time.
    """
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, encoding="utf-8", check=False)
    if moved := re.search(r"^location: (\S+)", done.stdout, re.MULTILINE | re.IGNORECASE):
        return moved[1]
    if pod := re.search(r'"pod":"(\S+?)"', done.stdout):
        return re.sub(r"-2$", "-1", pod[1])
    return done.stdout.partition("\n")[0]


@pytest.mark.parametrize("library", ["h11", "lupa", "wsproto"])
def test_without_the_extra_it_says_what_to_install(library: str, surroundings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{library!r}] = None\n")
    without = {**surroundings, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(COMMAND, env=without, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    said = f"ako demo: sending requests needs {library}: install ako[sim]\n"
    assert (done.returncode, done.stdout, done.stderr) == (64, "", said)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("plan", "not as promised: exit code 2: there are changes. Found: 1"),
        ("run", "not as promised: all 37 steps of the plan are done. Found: not done: "),
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
        routes = {file.name: file.read_text() for file in (data / "routes").glob("*.yaml")}
        assert routes
        assert routes == {name: (EXAMPLES / "routes" / name).read_text() for name in routes}


def test_the_examples_show_several_hosts_one_secure_in_two_namespaces() -> None:
    documents = [item for file in EXAMPLES.glob("manifests/*.yaml") for item in yaml.safe_load_all(file.read_text())]
    ingresses = [item for item in documents if item["kind"] == "Ingress"]
    hosts = {rule["host"] for item in ingresses for rule in item["spec"]["rules"]}
    secure = {host for item in ingresses for tls in item["spec"].get("tls", ()) for host in tls["hosts"]}
    assert len(hosts) > 2
    assert len(secure) == 1
    assert len({item["metadata"]["namespace"] for item in ingresses}) == 2
