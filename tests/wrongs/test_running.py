"""Plugins that do wrong while the program runs: others are served, nothing is lost, each is named, and all recovers."""

from __future__ import annotations

import pytest

from ako.testing import KubeApi
from tests.e2e.stage import Stage
from tests.wrongs.catalogue import COSTLY, RUNNING
from tests.wrongs.scene import Scene
from tests.wrongs.trial import tried
from tests.wrongs.wrong import Wrong


@pytest.mark.long
def test_all_at_once(stage: Stage) -> None:
    """In one process, each with an object of its own."""
    trial = tried(Scene(stage, [wrong for wrong in RUNNING if wrong.name not in COSTLY]))
    assert not trial.faults, "\n".join(trial.faults)


@pytest.mark.campaign
@pytest.mark.parametrize("wrong", RUNNING, ids=lambda wrong: wrong.name)
def test_each_by_itself(stage: Stage, kube: KubeApi, wrong: Wrong) -> None:
    """In a cluster, so that statuses are written there."""
    trial = tried(Scene(stage, [wrong], kube))
    assert not trial.faults, "\n".join(trial.faults)
