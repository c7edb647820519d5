"""Where the commands of a page are tried: a folder, an Avi Controller, and a cluster with `ako` in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from ako.testing import KubeApi
from tests.e2e.stage import AviControl
from tests.pages.releases import Releases
from tests.pages.site import ROOT
from tests.program import Command, Process, forked
from tests.waiting import PATIENCE, eventually, wait_until

Json = dict[str, Any]
SHIMS = Path(__file__).parent / "shims"
STAYS = {
    re.compile(r"^ako sim\b"): "simulator on http",
    re.compile(r"^ako run\b(?!.*--once)(?!.*--help)"): "listening on",
    re.compile(r"^ako demo\b.*--serve"): "Ctrl-C",
    re.compile(r"^kubectl\b.* port-forward\b"): "Forwarding from",
}
"""Commands that go on until somebody ends them, and what they say when they are of use."""


class Done(Struct, frozen=True):
    """What became of a command: its exit code, None while it goes on, and what it printed."""

    code: int | None
    printed: str


class Place:
    """A folder as the reader has it: with the examples, and with `ako` and `kubectl` in the path.

    Args:
        folder: an empty one.
        ports: of the Avi Controller and of `ako`, which the pages call 8443 and 8080.
        names: what else is called otherwise here than on the pages.
    """

    def __init__(self, folder: Path, ports: tuple[int, int], names: Mapping[str, str], cluster: Cluster | None) -> None:
        self.folder = folder / "work"
        self._scratch = folder
        self._names = {**names, "8443": str(ports[0]), "8080": str(ports[1])}
        self._processes: list[tuple[str, Process]] = []
        self._shells: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._cluster = cluster
        self._count = 0
        self._typed: set[str] = set()
        self._line = socket.socket(socket.AF_UNIX)
        self._lay_out()
        self._variables = self._environment(ports[1])
        self._line.bind(self._variables["PAGES_SOCKET"])
        self._line.listen()
        threading.Thread(target=self._answer_shims, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _command, process in self._processes:
            process.kill()
            process.wait()
        for shell, _out in self._shells:
            shell.kill()
            shell.wait()
        self._line.close()

    @property
    def cluster(self) -> Cluster:
        """Give the cluster of a page that speaks of one."""
        assert self._cluster is not None
        return self._cluster

    @property
    def avi_url(self) -> str:
        """Give the URL of the cluster's Avi Controller."""
        return next(here for there, here in self._names.items() if there.startswith("avi."))

    def begin(self) -> None:
        """Have what is installed in the cluster at work."""
        if self._cluster is not None:
            self._cluster.kube.write_kubeconfig(self._variables["KUBECONFIG"])
            self._cluster.settle(self._variables)

    def in_line(self) -> None:
        """Wait until nothing is left to do."""
        eventually(lambda: self.run("ako plan --config values.yaml").printed == "nothing to do\n", "all in line")

    def serves(self, *hosts: str) -> None:
        """Wait until the Controller has pools of these hosts."""
        eventually(lambda: all(self._pools(host) for host in hosts), f"served: {hosts}")

    def serves_not(self, *hosts: str) -> None:
        """Wait until the Controller has none."""
        eventually(lambda: not any(self._pools(host) for host in hosts), f"not served: {hosts}")

    def _pools(self, host: str) -> list[str]:
        return [name for one in self.cluster.avi.objects("pool") if f"--{host}_" in (name := str(one["name"]))]

    def make(self, name: str, content: str) -> None:
        """Make a file that a page shows."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(content), encoding="utf-8")

    def run(self, command: str) -> Done:
        """Run a command in a shell; of those that go on, until they are of use."""
        self._count += 1
        self._typed.add(command)
        out = self._scratch / f"out-{self._count}"
        command = re.sub(r"\s+#.*$", "", command) if "\n" not in command else command
        stays = next((said for pattern, said in STAYS.items() if pattern.search(command)), None)
        self._interrupt(command)
        typed = self._here(command.removesuffix("&").rstrip() if stays else command)
        state = self._scratch / "state"
        # What was set, and where one went, is so for the next command too.
        keep = f'code=$?; {{ export -p; echo cd "$PWD"; }} > {state}; exit $code'
        script = f"set -ao pipefail; [ -e {state} ] && . {state}\n{typed}\n{keep}"
        with out.open("ab") as printed:  # whoever writes to it appends
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if stays is None:
            code: int | None = shell.wait(PATIENCE)
        else:
            self._shells.append((shell, out))
            wait_until(lambda: stays in out.read_text(encoding="utf-8") or shell.poll() is not None or None)
            code = shell.poll()
        if self._cluster is not None:
            self._cluster.settle(self._variables)
        return Done(code, self.printed(out))

    def has_run(self, command: str) -> bool:
        """Say whether a command was typed here already."""
        return command in self._typed

    def printed(self, out: Path) -> str:
        """Give what a command printed, in the words of the pages."""
        return _renamed(out.read_text(encoding="utf-8"), {here: there for there, here in self._names.items()})

    def end(self) -> None:
        """Press Ctrl-C in every terminal, and insist on good order."""
        self._interrupt("")

    def _interrupt(self, command: str) -> None:
        """End what goes on and is of the same kind, as whoever types it once more has done; all, without a command."""
        for pattern in STAYS:
            if command and (not pattern.search(command)):
                continue
            ended = [(typed, process) for typed, process in self._processes if pattern.search(typed)]
            for entry in ended:
                self._processes.remove(entry)
                entry[1].send_signal(signal.SIGINT)
                assert entry[1].wait(PATIENCE) in (0, 128 + signal.SIGINT), f"{entry[0]} did not end in good order"

    def _here(self, text: str) -> str:
        return _renamed(text, self._names)

    def _lay_out(self) -> None:
        self.folder.mkdir()
        (self._scratch / ".kube").mkdir()
        (self._scratch / ".curlrc").write_text("no-progress-meter\n", encoding="utf-8")
        for name in ("examples", "deploy"):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("examples/values.yaml", "deploy/ako.yaml"):
            if (file := self.folder / name).exists():
                file.write_text(self._here(file.read_text(encoding="utf-8")), encoding="utf-8")

    def _environment(self, port: int) -> dict[str, str]:
        pod = f"{SHIMS}:/usr/bin:/bin"
        variables = {
            "PATH": f"{SHIMS}:{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self._scratch),
            "LANG": "C.UTF-8",
            "NO_PROXY": "*",
            "PYTHONUNBUFFERED": "1",
            "PAGES_SOCKET": str(self._scratch / "socket"),
            "PAGES_KUBECTL": shutil.which("kubectl") or "",
            "PAGES_PORT": str(port),
            "PAGES_LOG": str(self._scratch / "log"),
            "PAGES_POD_PATH": pod,
        }
        if self._cluster is not None:
            variables["KUBECONFIG"] = str(self._scratch / ".kube" / "config")
        return variables

    def _releases(self, arguments: list[str], folder: Path) -> tuple[int, str]:
        try:
            return self.cluster.releases.run(arguments, folder)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - helm would print it too, and end with 1
            return 1, f"Error: {error}\n"

    def _answer_shims(self) -> None:
        while True:
            try:
                line, _ = self._line.accept()
            except OSError:
                return
            threading.Thread(target=self._answer_shim, args=(line,), daemon=True).start()

    def _answer_shim(self, line: socket.socket) -> None:
        with line, line.makefile("rw") as words, suppress(OSError, ValueError):
            asked = json.loads(words.readline())
            if asked["program"] == "helm":
                code, printed = self._releases(asked["arguments"], Path(asked["folder"]))
                Path(f"/proc/{asked['pid']}/fd/1").write_text(printed, encoding="utf-8")
                words.write(f"{code}\n")
                words.flush()
                return
            files = Path(f"/proc/{asked['pid']}/fd")
            variables = {name: value for name, value in asked["variables"].items() if not name.startswith("PAGES_")}
            process = forked(
                Command(
                    arguments=asked["arguments"],
                    variables=variables,
                    folder=Path(asked["folder"]),
                    out=files / "1",
                    err=files / "2",
                    stdin=str(files / "0"),
                )
            )
            command = " ".join(["ako", *asked["arguments"]])
            if any(pattern.search(command) for pattern in STAYS):
                self._processes.append((command, process))
            words.write(f"{process.wait()}\n")
            words.flush()


def _renamed(text: str, names: Mapping[str, str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: names[found[0]], text)


class Cluster:
    """A cluster in which `ako` is installed, or may be: its kubelet runs `ako run` for the StatefulSet."""

    def __init__(self, kube: KubeApi, avi: AviControl) -> None:
        self.kube = kube
        self.avi = avi
        self._template: Json = {}
        self._process: Process | None = None
        self.releases = Releases(kube)
        self._rebuilt = ExitStack()

    def settle(self, variables: Mapping[str, str]) -> None:
        """Have as many pods as the StatefulSet says (none, or one), of its latest template."""
        found = self.kube.get("StatefulSet", "avi-system", "ako") or {}
        spec = found.get("spec", {})
        template = spec.get("template", {}) if spec.get("replicas", 1) else {}
        has_ended = self._process is None or self._process.poll() is not None
        if template == self._template and not has_ended:
            return
        self._template = template
        self.stop()
        if template:
            self._start(template, variables)

    def rebuild(self) -> KubeApi:
        """Have another API server, which knows nothing, in the place of the one there is."""
        self._template = {}
        self.kube = self._rebuilt.enter_context(KubeApi())
        return self.kube

    def close(self) -> None:
        """End what was started here."""
        self.stop()
        self._rebuilt.close()

    def stop(self) -> None:
        """End the pod."""
        if self._process is not None:
            has_ended = self._process.poll() is not None
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(PATIENCE) == 0 or has_ended
            self._process = None

    def _start(self, template: Json, variables: Mapping[str, str]) -> None:
        (container,) = template["spec"]["containers"]
        words = [*container.get("command", []), *container.get("args", [])]
        words = [word for word in words if word != "ako"] or ["run"]
        own = {one["name"]: one["value"] for one in container.get("env", []) if "value" in one}
        pod = {"POD_NAME": "ako-0", "POD_NAMESPACE": "avi-system", "PYTHONUNBUFFERED": "1", "PATH": variables["PATH"]}
        port = {"AKO_AKOSETTINGS__APISERVERPORT": variables["PAGES_PORT"]}
        log = Path(variables["PAGES_LOG"])
        log.touch()
        said = log.stat().st_size
        self._process = process = forked(
            Command(
                arguments=[*words, "--kubeconfig", variables["KUBECONFIG"]],
                variables={**own, **pod, **port, "HOME": variables["HOME"]},
                folder=log.parent,
                out=log,
                err=log,
            )
        )

        def is_up_or_gone() -> bool:
            return b"listening on" in log.read_bytes()[said:] or process.poll() is not None

        eventually(is_up_or_gone, "ako run listens, or says why not")
