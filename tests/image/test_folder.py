"""What the stages of the image make, started as strictly as a cluster may start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ako.sim import Simulator
from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service
from tests.e2e.stage import AviControl, Stage
from tests.image.sandbox import Sandboxed, status_of
from tests.program import Command, environment
from tests.waiting import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 120
SLOWEST_START = 10.0
SHOP = ingress("shop", ("shop.com", "/", "web:80"))

# Building takes a network and half a minute.
pytestmark = pytest.mark.campaign

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def image(open_folder: Path) -> Path:
    wheels, folder = open_folder / "wheels", open_folder / "image"
    run(ROOT / "deploy" / "image.py", "wheels", wheels)
    run(ROOT / "deploy" / "image.py", "install", wheels, folder)
    return folder


def files_of(image: Path) -> list[Path]:
    return [path for path in image.rglob("*") if path.is_file()]


def test_its_size(image: Path) -> None:
    taken = sum(path.stat().st_blocks for path in files_of(image)) * 512 / 1e6
    print(f"unpacked: {taken:.0f} MB in {len(files_of(image))} files")
    assert taken < MOST_MEGABYTES


def test_everybody_may_read_it_and_nobody_but_its_owner_write(image: Path) -> None:
    for path in (image, *image.rglob("*")):
        mode = path.stat().st_mode
        assert mode & 0o044 == 0o044, path
        assert not mode & 0o022, path
        assert not path.is_dir() or mode & 0o055 == 0o055, path


def test_what_is_left_out_is_not_there_and_nothing_that_is_there_lacks_anything_else(image: Path) -> None:
    lines = (ROOT / "deploy" / "not-in-image.txt").read_text(encoding="utf-8").splitlines()
    left_out = {Requirement(line).name for line in lines if line and not line.startswith("#")}
    there = {canonicalize_name(found.name): found for found in distributions(path=[str(image / "lib")])}
    assert not left_out & set(there)
    assert not {"pip", "setuptools"} & set(there)
    for found in there.values():
        for needed in map(Requirement, found.requires or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert canonicalize_name(needed.name) in {*there, *left_out}, f"{found.name} needs {needed}"


def test_the_list_of_what_is_in_it_is_whole_and_always_the_same(image: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        run(ROOT / "deploy" / "sbom.py", image, tmp_path / name)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.json").read_text(encoding="utf-8")
    assert str(image.parent) not in text
    assert "timestamp" not in text
    assert "serialNumber" not in text
    listed = {component["name"]: component for component in json.loads(text)["components"]}
    there = list(distributions(path=[str(image / "lib")]))
    assert {found.name: found.version for found in there} == {name: each["version"] for name, each in listed.items()}
    for each in listed.values():
        assert each["licenses"], each["name"]
        assert len(each["hashes"][0]["content"]) == 64
    # No file is there that no listed package brought.
    brought = {Path(str(found.locate_file(file))).resolve() for found in there for file in found.files or ()}
    made = {path for path in files_of(image) if path.suffix == ".pyc"}
    assert {path for path in files_of(image) if path not in brought | made} == {
        image / "wheels.txt",
        image / "bin" / "ako",
    }


def test_a_package_that_no_wheel_brought_is_no_list(image: Path, tmp_path: Path) -> None:
    listed = (image / "wheels.txt").read_text(encoding="utf-8")
    fake = tmp_path / "image"
    fake.mkdir()
    (fake / "lib").symlink_to(image / "lib")
    (fake / "wheels.txt").write_text("".join(listed.splitlines(keepends=True)[1:]), encoding="utf-8")
    done = subprocess.run([sys.executable, ROOT / "deploy" / "sbom.py", fake, tmp_path / "x"], check=False)
    assert done.returncode == 1
    assert not (tmp_path / "x").exists()


@pytest.fixture
def strict(image: Path, open_folder: Path, uid: int) -> Sandboxed:
    root = open_folder / "root"
    root.mkdir(exist_ok=True)
    return Sandboxed(image, root, uid)


def command(folder: Path, *arguments: str) -> Command:
    return Command(
        arguments=arguments, variables=environment(os.environ), folder=folder, out=folder / "out", err=folder / "err"
    )


@pytest.fixture
def work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


TRIED = """
import errno, os
for place in ("/", "/tmp", "/usr/lib", "/proc", {image!r}, {work!r}):
    try:
        open(place + "/written", "w")
    except OSError as error:
        print(place, errno.errorcode[error.errno])
print(os.getpid(), os.getuid(), os.getgid(), os.getgroups())
print([name for name in ("/bin", "/usr/bin", "/sbin", "/etc") if os.path.exists(name)])
"""


@needs_root
@pytest.mark.parametrize("uid", [65532])
def test_the_sandbox_is_as_strict_as_it_says(strict: Sandboxed, image: Path, work: Path, uid: int) -> None:
    inside = strict.python(command(work), "-c", TRIED.format(image=str(image), work=str(work)))
    assert inside.wait(PATIENCE) == 0, (work / "err").read_text()
    *writes, who, programs = (work / "out").read_text().splitlines()
    assert writes == ["/ EROFS", "/tmp EROFS", "/usr/lib EROFS", "/proc ENOENT", f"{image} EROFS", f"{work} EROFS"]
    assert who == f"1 {uid} 0 []"
    assert programs == "[]"


@needs_root
@pytest.mark.parametrize("uid", [65532, 1000680000], ids=["its own user", "a user of OpenShift's"])
def test_it_serves_an_ingress_and_ends_at_a_signal(strict: Sandboxed, kube: KubeApi, work: Path) -> None:
    with Simulator() as simulator, AviControl(simulator.url) as avi:
        stage = Stage(work, avi, simulator.url, strict)
        kubeconfig = kube.write_kubeconfig(work / "kubeconfig")
        kube.apply(*map(dict, (CLASS, service("web"), endpoints("web", "10.0.0.1"), SHOP)))
        begun = time.monotonic()
        with stage.start(kubeconfig=kubeconfig) as ako:
            eventually(lambda: ako.out, ako.err)
            listening = time.monotonic() - begun
            ako.becomes_ready()
            eventually(lambda: avi.pool_of("shop.com"), "shop.com served")
            print(f"listening after {listening:.2f} s, serving after {time.monotonic() - begun:.2f} s")
            assert listening < SLOWEST_START
            told = status_of(ako.process.pid)
            assert {told[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""}
            assert told["NoNewPrivs"] == "1"
            assert told["NSpid"].split()[-1] == "1"
            children = Path(f"/proc/{ako.process.pid}/task/{ako.process.pid}/children").read_text()
            assert children == "", "nothing is started that would have to be waited for"
            assert "Traceback" not in ako.err
            ako.stop()


@needs_root
@pytest.mark.parametrize("uid", [65532])
def test_a_signal_ends_any_command(strict: Sandboxed, work: Path) -> None:
    """The kernel takes no default action for the first process: without one of ours it would wait to be killed."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        manifests = work / "manifests"
        manifests.mkdir()
        settings = {
            "AKOSettings.clusterName": "c",
            "ControllerSettings.controllerHost": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "avicredentials.username": "admin",
            "avicredentials.password": "admin",
        }
        given = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        plan = strict(command(work, "plan", "--manifests", str(manifests), *given))
        asking, _ = silent.accept()
        with asking:
            plan.send_signal(signal.SIGTERM)
            assert plan.wait(PATIENCE) == 128 + signal.SIGTERM


@needs_root
@pytest.mark.parametrize("uid", [65532])
@pytest.mark.parametrize(
    "words", [("--help",), ("config", "show"), ("plugins", "list"), ("rbac",), ("config", "schema")]
)
def test_commands_that_need_no_controller(strict: Sandboxed, work: Path, words: tuple[str, ...]) -> None:
    assert strict(command(work, *words)).wait(PATIENCE) == 0, (work / "err").read_text()


@pytest.mark.parametrize("starter", ["bin/ako", "-m"])
def test_it_is_a_command_too(image: Path, starter: str) -> None:
    surroundings = {**environment(os.environ), "PYTHONPATH": str(image / "lib")}
    words = [str(image / starter)] if starter != "-m" else [sys.executable, "-m", "ako"]
    words += ["plugins", "list"]
    done = subprocess.run(words, env=surroundings, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ingress" in done.stdout
