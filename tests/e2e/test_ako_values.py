"""`ako plan` with the values file of AKO's chart as it comes, release by release."""

from __future__ import annotations

import pytest
import yaml

from tests.core.settings.ako_releases import RELEASES, nested
from tests.e2e.stage import Stage

TRIED_ALWAYS = ("1.3", "2.1")
EVERY_RELEASE = [
    pytest.param(release, marks=() if release in TRIED_ALWAYS else pytest.mark.campaign) for release in RELEASES
]


def give(stage: Stage, release: str, **settings: str) -> None:
    """Write the file of a release, with what everybody has to set."""
    own = yaml.safe_load(stage.config.read_text())
    to_set = {
        "ControllerSettings.controllerHost": own["ControllerSettings"]["controllerHost"],
        "avicredentials.username": own["avicredentials"]["username"],
        "avicredentials.password": own["avicredentials"]["password"],
    }
    stage.config.write_text(yaml.safe_dump(nested({**RELEASES[release], **to_set, **settings})))


@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_plan_takes_the_file_of_the_chart_and_warns_of_nothing(stage: Stage, release: str) -> None:
    give(stage, release)
    planned = stage.ako("plan")
    assert planned.returncode == 2
    assert {line.split(" ")[1] for line in planned.stderr.splitlines()} <= {"INFO"}
    assert "+ create pool my-cluster--shop.com_-default-shop" in planned.stdout


def test_at_debug_it_says_what_has_no_meaning(stage: Stage) -> None:
    give(stage, "1.3", **{"AKOSettings.logLevel": "DEBUG"})
    notes = [line for line in stage.ako("plan").stderr.splitlines() if "has no meaning here" in line]
    assert all(" DEBUG " in line for line in notes)
    assert sum("mountPath" in line for line in notes) == 1
