"""What pages say of the program is so: settings, metrics, figures, rights."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.keys import key_table
from tests.core.settings.ako_chart import AKO_CHART
from tests.e2e.stage import OWNED_TYPES
from tests.pages.blocks import pages, read
from tests.pages.site import FENCE, ROOT

SECTIONS = "AKOSettings|NetworkSettings|L7Settings|L4Settings|ControllerSettings|avicredentials|nodePortSelector|ako"
SETTING = re.compile(rf"`((?:{SECTIONS})(?:\.[a-zA-Z]+)+)(?=[`:= ])")
METRIC = re.compile(r"\bako_[a-z_]+[a-z]\b")
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/setup.cfg"))
"""Distributions of plugins, by the names of these."""
NO_SETTINGS = (
    "docs/plugins",
    "docs/decisions/",
    *(f"examples/{name}/" for name in EXAMPLES),
    "CHANGELOG.md",
    "docs/kubernetes-stand-in.md",
)
"""Pages that speak of settings of plugins that are made up there, of modules, or of settings of their day."""
MADE_UP = ("ako.demo", "ako.sites", "ako.hello")
"""Sections of plugins that pages make up."""
CELLS = {
    "100": "insecure-100-0ms",
    "500": "insecure-500-0ms",
    "500 with TLS": "secure-500-0ms",
    "2,000": "insecure-2000-0ms",
    "10,000 (16 shared virtual services)": "insecure-10000-0ms",
    "2,000 node-port pools of 1,000 nodes": "nodeport-2000-0ms",
}


def known_settings() -> set[str]:
    """Give all keys and sections of values files, AKO's too."""
    keys = {*key_table({}).by_helm, *AKO_CHART}
    above = {key.rpartition(".")[0] for key in keys}
    return {*keys, *above, *(name.rpartition(".")[0] for name in above), *CHART_KEYS}


def metrics_told() -> set[str]:
    """Give the names of docs/metrics.md, with what Prometheus makes of a histogram."""
    rows = re.findall(r"^\| `(ako_\w+)` \| (\w+)", read("docs/metrics.md"), re.MULTILINE)
    parts = {f"{name}_{part}" for name, kind in rows if kind == "histogram" for part in ("count", "sum", "bucket")}
    return parts | {name for name, _ in rows}


@pytest.mark.parametrize("page", [page for page in pages() if not page.startswith(NO_SETTINGS)])
def test_settings_that_are_named_are_there(page: str) -> None:
    named = set(SETTING.findall(FENCE.sub("", read(page))))
    assert {name for name in named if not name.startswith(MADE_UP)} - known_settings() == set()


def test_metrics_that_are_named_are_there() -> None:
    hooks = set(re.findall(r"def (ako_\w+)", read("ako/core/hooks/hookspecs.py")))
    made_up = {"ako_chart", "ako_hello", "ako_sites", *(f"ako_{name}" for name in EXAMPLES)}
    looked_at = [page for page in pages() if not page.startswith(("docs/decisions/", "CHANGELOG.md", "docs/plugins"))]
    named = {(page, name) for page in looked_at for name in METRIC.findall(read(page))}
    known = metrics_told() | hooks | made_up
    searched = tuple(name for page, name in named if page.startswith("docs/runbooks/"))
    begins = {name for name in searched if any(one.startswith(f"{name}_") for one in known)}
    assert {(page, name) for page, name in named if name not in known | begins} == set()


def figures(cell: str) -> Iterator[tuple[str, str]]:
    """Give what the benchmark measured in a cell: figure, value of ours."""
    rows = read("docs/benchmark.md").partition("## Figures")[2].splitlines()
    here = False
    for row in rows:
        columns = [one.strip() for one in row.strip("|").split("|")]
        if len(columns) > 2:
            here = columns[0] == cell or (here and not columns[0])
            if here:
                yield columns[1], columns[2]


@pytest.mark.parametrize(("hosts", "cell"), CELLS.items())
def test_the_memory_of_the_page_on_capacity_is_that_of_the_benchmark(hosts: str, cell: str) -> None:
    (row,) = re.findall(rf"^\| {re.escape(hosts)} \| (.*) \|$", read("docs/capacity.md"), re.MULTILINE)
    told = row.split(" | ")
    measured = dict(figures(cell))
    assert told[0] == f"{round(float(measured['peak memory at the end (MiB)']))} MiB"
    assert float(told[1].removesuffix(" s")) == pytest.approx(float(measured["start: hosts on Avi (s)"]), rel=0.05)
    assert float(told[2].removesuffix(" s")) == pytest.approx(float(measured["start: CPU until idle (s)"]), rel=0.05)


def test_the_rights_on_the_controller_are_those_for_what_is_written() -> None:
    table = read("docs/install.md").partition("## The account")[2].partition("## ")[0]
    rows = re.findall(r"^\| (`.*) \| write \|", table, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {
        *OWNED_TYPES,
        "vrfcontext",
        "serviceenginegroup",
    }


def test_an_upgrade_gives_all_that_the_installation_gave() -> None:
    """Helm forgets what was given by `--set` as soon as an upgrade names a file of values."""
    installed, upgraded = (
        set(re.findall(rf"^\$ helm {verb} ako .*", read(f"docs/{page}.md"), re.MULTILINE))
        for verb, page in (("install", "install"), ("upgrade", "upgrade"))
    )
    assert installed
    assert {line.replace(" install ", " upgrade ") for line in installed} == upgraded
