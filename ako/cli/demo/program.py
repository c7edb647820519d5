"""Sets the stage for the demonstration, has the story told, and clears everything away whatever happens."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from types import FrameType

from ako.cli.demo.client import Client
from ako.cli.demo.controller_side import AviSide
from ako.cli.demo.narration import BrokenPromiseError, Narrator
from ako.cli.demo.processes import CONFIG, MANIFESTS, Programs
from ako.cli.demo.story import Story
from ako.cli.demo.traffic import Traffic
from ako.cli.progress import progress
from ako.core.settings import Settings, Sources, load_settings, read_config_files
from ako.sim import Simulator, SimulatorOptions

CHANGE = "change"
ROUTES = "routes"


class _SignalledError(Exception):
    """A signal asks us to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def run_demo(*, serves: bool) -> int:
    """Run the demonstration; returns the exit code."""
    options = SimulatorOptions(data_plane=True)
    try:
        with _signals_raise(), _example_folder() as folder, Simulator(options) as simulator:
            _tell(folder, simulator.url, serves=serves)
    except _SignalledError as signalled:
        is_end_of_serving = serves and signalled.number == signal.SIGINT
        return 0 if is_end_of_serving else 128 + signalled.number
    return 0


def _tell(folder: Path, url: str, *, serves: bool) -> None:
    with progress() as line:
        _show(folder, url, Narrator(line), serves=serves)


def _show(folder: Path, url: str, narrator: Narrator, *, serves: bool) -> None:
    # Any free port; a full sync each second, so that nobody waits for a repair.
    programs = Programs(
        folder,
        {
            "ControllerSettings.controllerHost": url,
            "AKOSettings.apiServerPort": "0",
            "AKOSettings.fullSyncFrequency": "1",
        },
    )
    settings = load_settings(Sources(config_files=read_config_files([folder / CONFIG]))).settings
    with AviSide(url, settings) as avi, _traffic(narrator, url, settings) as traffic:
        story = Story(narrator, folder, programs, avi, traffic)
        try:
            story.begin(url)
            story.serve(url) if serves else story.go_on()
        except BrokenPromiseError:
            story.show_log()
            raise
        finally:
            story.close()


@contextmanager
def _traffic(narrator: Narrator, url: str, settings: Settings) -> Iterator[Traffic]:
    domain = settings.network_settings.default_domain
    with Client(url) as client, Traffic(narrator, client, domain) as traffic:
        yield traffic


@contextmanager
def _example_folder() -> Iterator[Path]:
    """Give a folder of our own with the example settings and manifests, and the changed ones beside them."""
    with tempfile.TemporaryDirectory(prefix="ako-demo-") as name:
        folder = Path(name)
        data = resources.files("ako.cli.demo").joinpath("data")
        with resources.as_file(data) as source:
            shutil.copy(source / CONFIG, folder)
            for part in (MANIFESTS, CHANGE):
                shutil.copytree(source / part, folder / part)
            shutil.copytree(source / ROUTES, folder / MANIFESTS, dirs_exist_ok=True)
        yield folder


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Have SIGTERM and SIGINT end the demonstration in good order."""

    def end(number: int, _: FrameType | None) -> None:
        raise _SignalledError(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
