"""What the image is built from agrees with what everything else here is tried with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", file.read_text(encoding="utf-8"), re.M))


def instructions() -> Iterator[tuple[str, str]]:
    """Give each instruction of the Containerfile with what follows it."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), flags=re.M)
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        if word:
            yield word, " ".join(rest.split())


def all_of(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


@pytest.mark.parametrize("name", ["requirements.txt", "build-requirements.txt"])
def test_the_image_has_the_versions_that_are_tried_here_and_each_has_hashes(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert pins(DEPLOY / name).items() <= pins(ROOT / "constraints.txt").items()
    packages = re.split(r"^(?=\w)", text, flags=re.M)[1:]
    assert len(packages) == len(pins(DEPLOY / name)) > 0
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text, "where packages come from is the business of who builds"


def test_everything_that_the_program_declares_is_in_the_image_but_what_is_left_out() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    declared = re.search(r"^install_requires =\n((?: .+\n)+)", setup, re.M)
    assert declared
    needed = {Requirement(line).name.lower() for line in declared[1].split()}
    assert needed <= set(pins(DEPLOY / "requirements.txt"))
    left_out = (DEPLOY / "not-in-image.txt").read_text(encoding="utf-8")
    names = {Requirement(line).name for line in left_out.splitlines() if not line.startswith("#")}
    assert names
    assert not names & set(pins(DEPLOY / "requirements.txt"))


def test_the_workflow_starts_the_image_that_it_builds_with_the_tool_that_built_it() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yaml").read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"].split() for step in jobs["image"]["steps"] if "run" in step]
    (built,) = (word.partition("=")[2] for words in commands for word in words if word.startswith("IMAGE="))
    (started,) = (words for words in commands if "--version" in words)
    assert started[:3] == ["sudo", "podman", "run"], "the first that deploy/image.py looks for"
    assert started[-2] == built


def test_the_process_is_the_first_one_and_has_no_rights_to_lose() -> None:
    assert json.loads(all_of("ENTRYPOINT")[-1]) == ["python3", "-m", "ako"]
    assert json.loads(all_of("CMD")[-1]) == ["run"]
    user, group = all_of("USER")[-1].split(":")
    assert (int(user), int(group)) == (65532, 0)
    for each in all_of("RUN"):
        assert isinstance(json.loads(each), list), "a list needs no shell"
    assert not all_of("HEALTHCHECK"), "probes ask it"
    assert not all_of("VOLUME")
    assert len(all_of("FROM")) == 2


def test_everything_that_is_copied_is_there_and_is_given_to_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    given = {line[1:] for line in ignored if line.startswith("!")}
    for each in all_of("COPY"):
        *sources, _ = each.split()
        if sources[0].startswith("--from"):
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source.partition("/")[0] in given, source


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        ("", "podman, buildah or docker is needed, and none is installed"),
        ("docker", "docker is installed, but its daemon does not answer: start it, or install podman or buildah"),
    ],
)
def test_what_is_missing_is_said_in_one_line(tmp_path: Path, tool: str, told: str) -> None:
    if tool:
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    done = built(tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"make image: {told}; `make image-folder` does what its stages do\n"


@pytest.mark.parametrize("tool", ["podman", "buildah", "docker"])
def test_whatever_is_there_is_used(tmp_path: Path, tool: str) -> None:
    (tmp_path / tool).write_text(f'#!/bin/sh\n[ "$1" = info ] || echo "$@" > {tmp_path}/asked\n', encoding="utf-8")
    (tmp_path / tool).chmod(0o755)
    assert built(tmp_path, "--base", "example.com/python@sha256:00").returncode == 0
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked.startswith(f"build -f {DEPLOY / 'Containerfile'} -t ako:1 ")
    assert "--build-arg BASE=example.com/python@sha256:00" in asked
    assert re.search(r"--build-arg VERSION=\d+\.\d+\.\d+ ", asked)
    assert asked.split()[-1] == str(ROOT)


def test_a_build_that_fails_ends_with_a_line_that_says_what_may_be_wrong(tmp_path: Path) -> None:
    (tmp_path / "podman").write_text("#!/bin/sh\nexit 125\n", encoding="utf-8")
    (tmp_path / "podman").chmod(0o755)
    done = built(tmp_path)
    assert done.returncode == 125
    assert "can it fetch its base image?" in done.stderr


def built(tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-S", str(DEPLOY / "image.py"), "build", "--tag", "ako:1", *arguments]
    surroundings = {**os.environ, "PATH": str(tools)}
    return subprocess.run(words, capture_output=True, text=True, check=False, env=surroundings)
