"""What tries the commands of pages notices what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.blocks import Step, spoken, steps, strays
from tests.pages.comparing import fits
from tests.pages.kinds import Way, faults, way
from tests.pages.place import Place

PAGE = """\
# Page

```console
$ ako plan \\
    --config a.yaml
one
…
$ echo a
```

<!-- ends with 64 -->
```sh
# a remark
ako config show --set a=b
```

```yaml
# values.yaml
a: 1
```

Run `ako sim --port 1`, or `kubectl frobnicate all`.
"""


def test_commands_and_files_are_found_in_order() -> None:
    first, second, third, file = steps("p", PAGE)
    assert first == Step(where="p:4", section="Page", command="ako plan \\\n    --config a.yaml", shown=["one", "…"])
    assert second == Step(where="p:8", section="Page", command="echo a", shown=[])
    assert third == Step(where="p:14", section="Page", command="ako config show --set a=b", shown=(), ends=64)
    assert file == Step(where="p:18", section="Page", file="values.yaml", content="# values.yaml\na: 1\n")
    assert [step.command for step in spoken("p", PAGE)] == ["ako sim --port 1", "kubectl frobnicate all"]


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["a"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "c"], True),
        (["a", "…", "c"], ["a", "c"], True),
        (["a … c"], ["a b c"], True),
        (["a … c"], ["a b"], False),
        (["a", "b"], ["b", "a"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_what_is_shown_is_compared(shown: list[str], printed: list[str], expected: bool) -> None:
    assert fits(shown, printed) is expected


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("ako plan --config a.yaml", ""),
        ("ako plan --confg a.yaml", "--confg"),
        ("ako plam", "no such command"),
        ("ako config show --fromat json", "--fromat"),
        ("A=1 ako config schema | jq .x > y", ""),
        ("make test", ""),
        ("make tset", "tset"),
        (".venv/bin/python -m bench --list", ""),
        ("python -m bench --lost", "--lost"),
        ("python -m bunch.there", ""),
        ("python -m tests.nowhere", "no such module"),
        ("kubectl -n avi-system get configmap x -o yaml", ""),
        ("kubectl -n avi-system got configmap x", "unknown verb"),
        ("kubectl get pods --al", "--al"),
        ("helm install ako deploy/nowhere", "no such file"),
        ("frobnicate all", "nobody knows"),
    ],
)
def test_a_command_that_is_not_run_is_looked_at(command: str, fault: str) -> None:
    found = faults(Step(where="p:1", command=command))
    assert bool(found) is bool(fault), found
    assert fault in "".join(found)


def test_commands_elsewhere_are_strays() -> None:
    assert list(strays("p", PAGE)) == []
    assert list(strays("p", "text\n\n    $ ako plan\n\n```\nako run --once\n```\n\n    make test  # all\n")) == [
        "p:3: $ ako plan",
        "p:6: ako run --once",
        "p:9: make test  # all",
    ]


def test_what_is_not_run_has_a_reason() -> None:
    assert way(Step(where="p:1", command="ako plan")) is Way.RUN
    assert way(Step(where="p:1", command="ako demo")) is Way.CHECKED
    assert way(Step(where="p:1", command="make test")) is Way.CHECKED


def test_a_shell_goes_on_where_it_was(tmp_path: Path) -> None:
    with Place(tmp_path, (18443, 18080), {}, None) as place:
        place.make("a/b.txt", "8080\n")
        assert place.run("cd a; X=$(cat b.txt)").code == 0
        assert (place.folder / "a" / "b.txt").read_text() == "18080\n", "a port of its own"
        assert place.run("echo $X in ${PWD##*/} && false  # a remark").printed == "8080 in a\n"
        assert place.run("false | true").code == 1
        assert "usage: ako" in place.run("ako --help | cat").printed
