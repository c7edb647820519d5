"""`ako plugins new` makes distributions that work as they are, or says in a line why it does not."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import ako
from ako.cli.main import main
from ako.cli.plugins_new import KINDS
from tests.contract.third_party import Installed, install_by_hand, run
from tests.traffic.asking import Asked
from tests.traffic.stage import TrafficStage

HOST = "shop.avi.internal"
TEMPLATES = Path(str(ako.__file__)).parent / "cli" / "plugin_templates"
SAMPLE = "source"


def kinds() -> list[Any]:
    """Give all kinds of plugins; one is always tried, the others are in `make campaign`."""
    return [pytest.param(kind, marks=[] if kind == SAMPLE else [pytest.mark.campaign]) for kind in KINDS]


@pytest.mark.parametrize("kind", kinds())
def test_what_is_made_works_as_it_is(kind: str, tmp_path: Path) -> None:
    """It installs, passes its tests, and serves its example to a client that asks through the simulator."""
    assert main(["plugins", "new", "web_sites", f"--{kind}", "--into", str(tmp_path)]) == 0
    made = Installed(tmp_path, tmp_path / "ako-web-sites")
    assert "passed" in made.run(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).stdout
    with TrafficStage() as stage:
        config = made.source / "values.yaml"
        settings = yaml.safe_load(config.read_text(encoding="utf-8"))
        settings["ControllerSettings"]["controllerHost"] = stage.simulator.url
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        made.run(["-m", "ako", "run", "--once", "--manifests", "manifests", "--config", "values.yaml"])
        stage.stand_in()
        answers = [stage.ask(Asked(HOST)) for _ in range(4)]
    assert {answer.status for answer in answers} == {200}
    assert {answer.server for answer in answers} <= {"10.0.0.1:8080", "10.0.0.2:8080"}
    # The translation is one that keeps clients where they were, the others leave all in turn.
    assert len({answer.server for answer in answers}) == (1 if kind == "translation" else 2)


@pytest.mark.parametrize("kind", KINDS)
def test_only_names_are_replaced_and_all_of_them(kind: str, tmp_path: Path) -> None:
    assert main(["plugins", "new", "web_sites", f"--{kind}", "--into", str(tmp_path)]) == 0
    made = tmp_path / "ako-web-sites"
    files = {path.relative_to(made): path for path in made.rglob("*") if path.is_file()}
    own = re.compile(rf"my[-_ ]?{kind}", re.IGNORECASE)
    left = [str(at) for at, path in files.items() if own.search(f"{at} {path.read_text(encoding='utf-8')}")]
    assert left == []
    template = TEMPLATES / f"ako-my-{kind}"
    stored = [path for path in template.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) == len(stored)
    assert {Path(".gitignore"), Path("tests/test_web_sites.py"), Path("ako_web_sites/plugin.py")} <= files.keys()
    assert [path for path in tmp_path.iterdir() if path != made] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sites", "Site"),
        ("glass", "Glass"),
        ("service", "ServiceObject"),
        ("none", "NoneObject"),
        ("x9", "X9"),
        ("s", "S"),
        ("my_source", "MySource"),
        ("class", "Class"),
        ("live", "Live"),
    ],
)
def test_kinds_are_named_after_the_plugin(name: str, kind: str, tmp_path: Path) -> None:
    """In the singular, and so that no class of the program is hidden."""
    assert main(["plugins", "new", name, "--into", str(tmp_path)]) == 0
    made = tmp_path / f"ako-{name.replace('_', '-')}"
    crd = yaml.safe_load((made / "manifests" / "crd.yaml").read_text(encoding="utf-8"))
    names = crd["spec"]["names"]
    assert names["kind"] == kind
    assert crd["metadata"]["name"] == f"{names['plural']}.example.org"
    assert f"class {kind}(Struct" in (made / f"ako_{name}" / "records.py").read_text(encoding="utf-8")
    for path in made.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bound = [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        assert name not in bound, "it may be a word of Python, or hide what is imported"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Sites", "NAME 'Sites' is none for a plugin: lower-case letters"),
        ("web-sites", "such as web_sites"),
        ("1st", "a letter first"),
        ("a__b", "single _"),
        ("a_", "single _"),
        ("", "lower-case letters"),
        ("../x", "lower-case letters"),
        ("sités", "lower-case letters"),
        ("x" * 41, "40 at most"),
        ("ingress", "NAME ingress is a plugin of ako itself"),
        ("api", "ako.api, a section of the program"),
        ("plugins", "ako.plugins, a section of the program"),
    ],
)
def test_names_that_cannot_be_are_refused(
    name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "new", name, "--into", str(tmp_path)]) == 64
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_another_distribution_has_is_refused(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "their-sites", "1.2", "sites = their_sites", {"their_sites": ""})
    arguments = ["-m", "ako", "plugins", "new", "sites", "--into", str(tmp_path)]
    done = run(arguments, tmp_path, {"PYTHONPATH": str(tmp_path / "site")}, expected=64)
    assert done.stderr.startswith("ako plugins new: NAME sites is a plugin of their-sites 1.2, which is installed")


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ako-sites").mkdir()
    (tmp_path / "ako-sites" / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / "ako-shops").symlink_to(tmp_path / "nowhere")
    for name in ("sites", "shops"):
        assert main(["plugins", "new", name, "--into", str(tmp_path)]) == 64
        (line,) = capsys.readouterr().err.splitlines()
        assert f"ako-{name} exists, and nothing is overwritten" in line
    assert [path.name for path in (tmp_path / "ako-sites").iterdir()] == ["mine"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "new", "sites", "--into", str(tmp_path / "none")]) == 64
    assert f"--into {tmp_path / 'none'} is no folder" in capsys.readouterr().err
