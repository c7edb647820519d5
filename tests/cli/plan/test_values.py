"""How values and their changes are shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ako.cli.plan.values import LONGEST_VALUE, change_lines, field_lines, short, shown
from ako.core.base.refs import AviRef
from ako.core.model import CertificateText, IpAddr, PoolServer
from tests.builders import certificate_for


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (1, 2, [(0, "f: 1 -> 2")]),
        (None, "x", [(0, 'f: null -> "x"')]),
        (None, "***", [(0, "f: changes")]),
        ([1, 2], [2, 3], [(0, "f:"), (1, "- 1"), (1, "+ 3")]),
        ({"a": 1, "b": [1]}, {"a": 1, "b": [2]}, [(0, "f.b:"), (1, "- 1"), (1, "+ 2")]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [(0, "f.a.b: 1 -> 2")]),
        ('{"owners": ["x"]}', '{"owners": ["x", "y"]}', [(0, "f.owners:"), (1, '+ "y"')]),
        ("{no json", "{", [(0, 'f: "{no json" -> "{"')]),
        ([1, 2], [2, 1], [(0, "f: the same entries in another order, or number")]),
    ],
)
def test_of_a_change_only_what_differs_is_shown(old: Any, new: Any, lines: list[tuple[int, str]]) -> None:
    assert list(change_lines("f", old, new)) == lines


def test_of_a_field_every_entry_is_shown() -> None:
    assert list(field_lines("f", [1, 2])) == [(0, "f:"), (1, "+ 1"), (1, "+ 2")]
    assert list(field_lines("f", "x")) == [(0, 'f: "x"')]


def test_references_are_told_by_name_and_addresses_by_themselves() -> None:
    assert short(shown(AviRef("pool", "c--a b"))) == '"pool c--a b"'
    assert short(shown((PoolServer(IpAddr("10.0.0.1"), 80),))) == '[{"ip": "10.0.0.1", "port": 80}]'


def test_no_secret_and_no_text_of_a_certificate_is_shown() -> None:
    certificate, key = certificate_for("shop.com")
    assert shown(key, is_secret=True) == "***"
    assert shown(key) == "***"
    assert shown({"https_monitor": {"password": "hunter2", "port": 1}}) == {
        "https_monitor": {"password": "***", "port": 1}
    }
    told = shown(CertificateText(certificate))
    assert re.fullmatch(
        r"OU=Testing .*, issued by OU=Testing CA .*, valid until 3000-01-01T00:00:00Z", told["certificate"]
    )


def test_a_long_value_is_cut() -> None:
    assert len(short("x" * 1000)) == LONGEST_VALUE + 1
