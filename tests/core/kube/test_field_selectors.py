"""What several field selectors have in common, and which objects one of them may mean."""

from __future__ import annotations

import pytest

from ako.core.kube.field_selectors import in_common, selects
from tests.core.kube.records import name


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        pytest.param("", "", "", id="neither limits anything"),
        pytest.param("metadata.name=a", "", "", id="one takes all"),
        pytest.param("metadata.name=a", "metadata.name=a", "metadata.name=a", id="both the same"),
        pytest.param("metadata.name=a", "metadata.name=b", "", id="each another one"),
        pytest.param("metadata.name=a,type!=x", "type!=x", "type!=x", id="one more than the other"),
        pytest.param("a=1,b=2,c=3", "c=3,a=1", "a=1,c=3", id="in another order"),
    ],
)
def test_what_two_selectors_have_in_common(one: str, other: str, common: str) -> None:
    assert in_common(one, other) == common


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("", True),
        ("metadata.name=web", True),
        ("metadata.name==web", True),
        ("metadata.name=we", False),
        ("metadata.name!=web", False),
        ("metadata.name!=api", True),
        ("metadata.namespace=shop,metadata.name=web", True),
        ("metadata.namespace=shop,metadata.name=api", False),
        ("metadata.namespace!=shop", False),
        ("type=Opaque", True),
        ("type!=Opaque,metadata.name=api", False),
    ],
)
def test_the_name_tells_who_may_be_meant(selector: str, *, selected: bool) -> None:
    """What it does not tell is not judged: whoever applies the rest knows the whole object."""
    assert selects(selector, name("shop/web")) is selected
