"""Faults of usage: one line, what was probably meant, and nothing that may be a secret."""

from __future__ import annotations

import pytest

from ako.cli.main import main

SECRET = "hunter2hunter2"


def answer(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Give the one line that is said of a command line that is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 64
    out, err = capsys.readouterr()
    assert not out
    (line,) = err.splitlines()
    return line


@pytest.mark.parametrize(
    ("words", "by", "said"),
    [
        ("plann", "ako", "unknown command plann; did you mean plan?"),
        ("config shwo", "ako config", "unknown action shwo; did you mean show?"),
        ("plugins lst --format json", "ako plugins", "unknown action lst; did you mean list?"),
        ("plan --confg x", "ako plan", "unknown argument --confg; did you mean --config?"),
        ("run --onec", "ako run", "unknown argument --onec; did you mean --once?"),
        ("plan --format jsn", "ako plan", "argument --format: unknown value jsn; did you mean json?"),
        ("version one more", "ako version", "2 words too many;"),
        (
            "run --set shardVSize",
            "ako run",
            "argument --set: must be KEY=VALUE; did you mean L7Settings.shardVSSize=VALUE?",
        ),
        (
            "run --set L7Settings.shardVSSize SMALL",
            "ako run",
            "argument --set: L7Settings.shardVSSize has no value: write L7Settings.shardVSSize=VALUE;",
        ),
        ("run --set foo", "ako run", "argument --set: must be KEY=VALUE, such as L7Settings.shardVSSize=SMALL;"),
    ],
)
def test_what_was_meant_is_said(words: str, by: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(words, capsys) == f"{by}: {said} see `{by} --help`"


@pytest.mark.parametrize(
    "words",
    [
        SECRET,
        f"--password {SECRET}",
        f"plan {SECRET}",
        f"plan --format {SECRET}",
        f"plan --pasword={SECRET}",
        f"plan --set {SECRET}",
        f"plan -p{SECRET}",
        f"config {SECRET}",
    ],
)
def test_what_may_be_a_secret_is_not_repeated(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert SECRET not in answer(words, capsys)


def test_a_key_that_nobody_knows_is_told_with_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--set", "shardVSize=SMALL"]) == 64
    assert "shardVSize (flag --set): unknown key; did you mean L7Settings.shardVSSize?" in capsys.readouterr().err
