"""What a foreign module has changed in ours when it was imported is seen, by name; what imports do anyway is not."""

from __future__ import annotations

import builtins
import importlib
import sys

import pytest

import ako
from ako.core.base import own_modules, secrecy
from ako.core.base.own_modules import changed_since, picture
from ako.core.engine.view import View
from ako.core.hooks.selection import is_selected


def test_whatever_is_replaced_added_or_taken_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture()
    assert changed_since(before) == ()
    monkeypatch.setattr(View, "get", lambda *_: None)
    monkeypatch.setattr(View, "more", 1, raising=False)
    monkeypatch.setattr(secrecy, "Secrecy", object)
    monkeypatch.setattr(ako, "extra_name", 1, raising=False)
    monkeypatch.delattr(own_modules, "changed_since")
    monkeypatch.setattr(builtins, "len", lambda _: 0)
    monkeypatch.setattr(ako.Backend, "__eq__", lambda *_: True)
    changed = changed_since(before)
    monkeypatch.undo()
    assert set(changed) == {
        "ako.core.base.own_modules.changed_since",
        "ako.core.base.secrecy.Secrecy",
        "ako.core.engine.view.View.get",
        "ako.core.engine.view.View.more",
        "ako.core.hooks.claims.Backend.__eq__",
        "ako.extra_name",
        "builtins.len",
    }
    assert changed_since(before) == ()


def test_what_a_function_does_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture()
    monkeypatch.setattr(is_selected, "__code__", (lambda *_: True).__code__)
    assert "ako.core.hooks.selection.is_selected" in changed_since(before)
    monkeypatch.undo()
    assert changed_since(before) == ()


def test_a_module_of_ours_that_is_imported_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ako.cli.version", raising=False)
    before = picture()
    importlib.import_module("ako.cli.version")
    assert changed_since(before) == ()
