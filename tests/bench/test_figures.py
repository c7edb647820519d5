"""What is worked out of a request log, and how it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bench.__main__ import main
from bench.avi_log import Exchange, dependent_steps, last_write, traffic_of
from bench.cells import CELLS
from bench.errors import BenchError
from bench.measuring import Machine, Measured
from bench.results import median, write_json, write_page
from bench.table import misses_of, spelt, table

BEGAN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def exchange(begun: float, ended: float, method: str = "POST", type: str = "pool", status: int = 201) -> Exchange:  # noqa: A002
    path = f"/api/{type}" if type else "/login"
    return Exchange(
        method=method,
        path=path,
        type=type,
        name="p",
        status=status,
        request_bytes=10,
        response_bytes=20,
        time=begun,
        duration_ms=(ended - begun) * 1000,
        is_write=method != "GET" and bool(type),
    )


def measured(added_ms: float) -> Measured:
    figures = {"host added: on Avi (ms)": added_ms, "host added: bytes sent": 5480.0}
    return Measured("insecure-100-0ms", figures, {}, Machine(0.1, 0.2, 3.0))


@pytest.mark.parametrize(
    ("spans", "steps"),
    [
        ([], 0),
        ([(0, 1)], 1),
        ([(0, 1), (0.5, 1.5), (0.9, 2)], 1),
        ([(0, 1), (1, 2), (2.5, 3)], 3),
        ([(0, 10), (1, 2), (3, 4)], 2),
        ([(0, 1), (0.2, 5), (1.5, 2)], 2),
    ],
)
def test_dependent_steps_are_the_longest_chain_without_overlap(spans: list[tuple[float, float]], steps: int) -> None:
    assert dependent_steps(exchange(begun, ended) for begun, ended in spans) == steps


def test_traffic_tells_logins_from_writes() -> None:
    traffic = traffic_of(
        [
            exchange(0, 1, type=""),
            exchange(1, 2, "GET", status=200),
            exchange(2, 3),
            exchange(3, 4, "PATCH", "poolgroup", 400),
        ]
    )
    assert traffic.calls == {"GET": 1, "PATCH": 1, "POST": 1, "login": 1}
    assert traffic.writes_by_type == {"pool": 1, "poolgroup": 1}
    assert (traffic.writes, traffic.refused, traffic.sent, traffic.received) == (2, 1, 40, 80)


def test_only_a_write_that_succeeded_counts_as_the_last_one() -> None:
    assert last_write([exchange(0, 1), exchange(1, 2, "GET"), exchange(1, 3, status=400)]) == 1
    with pytest.raises(BenchError, match="nothing was written"):
        last_write([exchange(0, 1, status=503)])


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (3.0, "3"), (1.234, "1.23"), (12.34, "12.3"), (567.8, "568")])
def test_figures_are_spelt_with_the_digits_that_count(value: float, text: str) -> None:
    assert spelt(value) == text


def test_a_figure_stands_beside_that_of_the_go_program_and_the_target() -> None:
    header, _, added, sent = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table([measured(24.9)]).splitlines()
    )
    assert header == ["cell", "figure", "ours", "Go AKO", "target", "met"]
    assert added == ["insecure-100-0ms", "host added: on Avi (ms)", "24.9", "20", "≤ 25", "yes"]
    assert sent == ["", "host added: bytes sent", "5480", "", "", ""]
    assert misses_of(measured(24.9)) == []
    assert misses_of(measured(25.1)) == ["host added: on Avi (ms)"]


def test_of_repeats_the_median_counts() -> None:
    assert median([measured(30), measured(10), measured(20)]).figures["host added: on Avi (ms)"] == 20


def test_results_are_kept_for_programs_and_for_readers(tmp_path: Path) -> None:
    path = write_json([measured(20)], BEGAN, tmp_path / "results")
    cells = msgspec.json.decode(path.read_bytes())["cells"]
    assert cells[0]["figures"]["host added: on Avi (ms)"] == 20
    page = tmp_path / "benchmark.md"
    page.write_text((Path(__file__).parents[2] / "docs" / "benchmark.md").read_text(encoding="utf-8"), encoding="utf-8")
    write_page([measured(20)], BEGAN, page)
    once = page.read_text(encoding="utf-8")
    write_page([measured(20)], BEGAN, page)
    assert page.read_text(encoding="utf-8") == once
    assert once.count("| insecure-100-0ms |") == 1
    assert "02 January 2025" in once


def test_the_cells_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split() == [cell.name for cell in CELLS]


def test_an_unknown_cell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "insecure-7-0ms"])
    assert "insecure-7-0ms" in capsys.readouterr().err
