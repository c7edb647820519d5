"""`ako sim --data-plane` as it is typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.waiting import eventually

HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "lupa":
            raise ModuleNotFoundError("No module named 'lupa'", name="lupa")
sys.meta_path.insert(0, Hidden())
from ako.cli.main import main
sys.exit(main())
"""


def test_the_program_serves_and_ends(tmp_path: Path) -> None:
    ready = tmp_path / "url"
    command = [sys.executable, "-m", "ako.sim", "--port", "0", "--data-plane", "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = eventually(lambda: ready.exists() and ready.read_text().strip(), "the simulator")
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{url}/_sim/listeners").json() == []
            assert session.put(f"{url}/_sim/servers", json={"10.0.0.1:80": "127.0.0.1:1"}).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--data-plane"], "The data plane needs lupa: install ako[sim]"),
        (["--dial-servers"], "--dial-servers needs --data-plane"),
    ],
)
def test_what_it_refuses(options: list[str], told: str) -> None:
    command = [sys.executable, "-c", HIDE, "sim", "--port", "0", *options]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ})
    assert (found.returncode, told in found.stderr, "Traceback" in found.stderr) == (64, True, False), found.stderr
