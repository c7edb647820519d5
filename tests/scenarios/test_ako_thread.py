"""The product in a thread: what is wrong with it is told, and nothing of it stays."""

from __future__ import annotations

import dataclasses
import logging
import os
from pathlib import Path

import pytest

from tests.scenarios.ako_thread import AkoThread
from tests.scenarios.product import ProductError
from tests.scenarios.scenario import DATA, load
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import surroundings

BASIC = load(DATA / "ingress" / "01-basic-host-path.json")


@pytest.fixture
def product(tmp_path: Path) -> AkoThread:
    return AkoThread(tmp_path / "values.yaml", ("--kubeconfig", str(tmp_path / "kubeconfig")), tmp_path)


def test_environment_and_log_are_as_they_were_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER_NAME", "ours")
    root = logging.getLogger()
    before = dict(os.environ), root.handlers[:], root.level
    scenario = dataclasses.replace(BASIC, steps=BASIC.steps[:4])
    with surroundings(scenario) as around:
        ScenarioRun(scenario, around, tmp_path).run()
    assert (dict(os.environ), root.handlers, root.level) == before


def test_what_keeps_it_from_starting_is_told(product: AkoThread) -> None:
    before = dict(os.environ)
    with pytest.raises(ProductError, match=r"did not start: the Kubernetes configuration .*kubeconfig"):
        product.start()
    assert dict(os.environ) == before


def test_what_ended_it_is_told(product: AkoThread) -> None:
    product._failure = RuntimeError("spilled")
    with pytest.raises(ProductError, match=r"ended by itself: RuntimeError\('spilled'\)"):
        product.stop()


def test_a_thread_that_would_keep_a_process_is_told(product: AkoThread) -> None:
    product._others = set()
    with pytest.raises(ProductError, match=r"was still there .*MainThread"):
        product.stop()
