"""At a terminal a command that takes long says what it does."""

from __future__ import annotations

import os
import pty
import socket
from pathlib import Path

from tests.e2e.stage import Stage
from tests.program import Command, environment, forked
from tests.waiting import PATIENCE, eventually


def test_who_waits_for_the_controller_says_so(stage: Stage, tmp_path: Path) -> None:
    """It listens and never answers."""
    master, slave = pty.openpty()
    shown = b""

    def says(text: bytes) -> bool:
        nonlocal shown
        shown += os.read(master, 4096)
        return text in shown

    out = tmp_path / "out"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        stage.configure(ControllerSettings={"controllerHost": url})
        arguments = ["plan", "--config", str(stage.config), "--manifests", str(stage.manifests)]
        variables = {**environment(os.environ), "TERM": "xterm"}
        terminal = Path(os.ttyname(slave))
        process = forked(Command(arguments=arguments, variables=variables, folder=tmp_path, out=out, err=terminal))
        eventually(lambda: says(b"reading the Avi Controller: 0 objects ("), "what it does")
        process.kill()
        process.wait(PATIENCE)
    os.close(slave)
    os.close(master)
    assert out.read_text() == ""
