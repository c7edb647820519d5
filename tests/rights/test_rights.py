"""With the rights that `ako rbac` prints everything works; with any one of them less, some story ends otherwise.

All of them are tried by `make campaign`, and by `make envtest` on a real API server; some are always.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.envtest.named import real_server
from tests.envtest.real_cluster import RealCluster
from tests.envtest.sweeping import serves_slices_itself
from tests.rights.document import DOCUMENT, table
from tests.rights.shipped import Rule, printed, rules_of
from tests.rights.stories import name_of_story, story_of
from tests.scenarios.product import ProductError

RULES = rules_of(printed())
SAMPLE = ("get configmaps", "watch ingresses", "list namespaces", "create events", "patch services/status")


def _parameter(rule: Rule) -> object:
    is_sample = any(str(rule).startswith(sample) for sample in SAMPLE)
    return pytest.param(rule, id=str(rule), marks=() if is_sample else pytest.mark.campaign)


@pytest.mark.parametrize("rule", [_parameter(rule) for rule in RULES])
def test_without_it_something_fails(rule: Rule, tmp_path: Path) -> None:
    if rule.resource == "endpoints" and _serves_slices():
        pytest.skip("this API server serves EndpointSlices, so that nobody reads Endpoints")
    with pytest.raises((AssertionError, ProductError)) as caught:
        story_of(rule)(rule, tmp_path)
    print(f"{rule}: {caught.value}")


@pytest.mark.parametrize("name", dict.fromkeys(name_of_story(rule) for rule in RULES))
@pytest.mark.campaign
def test_with_all_of_them_each_story_ends_well(name: str, tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if name_of_story(rule) == name)
    if rule.resource == "endpoints" and _serves_slices():
        pytest.skip("this API server serves EndpointSlices, so that nobody reads Endpoints")
    story_of(rule)(None, tmp_path)


def test_the_document_lists_exactly_what_is_printed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert table(RULES) in text, "docs/rights.md is not up to date; `python -m tests.rights` writes it"


def _serves_slices() -> bool:
    """Say whether a real API server serves EndpointSlices; the stand-in can do without."""
    kubeconfig = real_server()
    if kubeconfig is None:
        return False
    with closing(RealCluster(kubeconfig)) as cluster:
        return serves_slices_itself(cluster)
