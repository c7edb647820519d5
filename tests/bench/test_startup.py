"""What a start costs can be measured; how much it is depends on the machine."""

from __future__ import annotations

from pathlib import Path

from bench.startup import HERE, MANIFESTS, Tree, until_request, until_settings


def test_a_start_is_stopped_where_settings_are_read_and_where_the_controller_is_asked(tmp_path: Path) -> None:
    tree = Tree(HERE, tmp_path / "compiled")
    figures: list[float] = []
    for measure in (until_settings("plan", *MANIFESTS), until_request("plan", *MANIFESTS)):
        folder = tmp_path / str(len(figures))
        folder.mkdir()
        figures.append(measure(tree, folder))
    assert all(figure > 0 for figure in figures)
    assert list(tree.compiled.rglob("plan.*.pyc")), "it ran the code of the tree, and compiled it there"
