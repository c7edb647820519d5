"""A plugin that does wrong before the contract that its author's tests inherit."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ako.core.base.errors import AkoError
from ako.core.hooks.loading import Plugin
from ako.testing.plugin_contract import PluginContract
from tests.builders import CLASS, endpoints, ingress, service
from tests.contract.third_party import install_by_hand
from tests.wrongs.author import module_of, thing
from tests.wrongs.scene import DISTRIBUTION, OURS
from tests.wrongs.wrong import Wrong

RULES = sorted(
    (name for name in vars(PluginContract) if name.startswith("test_")),
    key=lambda name: name != "test_examples_are_understood",  # most are found out by that one
)


def findings(wrong: Wrong, folder: Path, *, does_it: bool = True, is_installed: bool = True) -> Iterator[str]:
    """Give what the rules of the contract say, one after the other.

    Args:
        wrong: the plugin.
        folder: where it is installed.
        does_it: whether there is an example that makes it do wrong.
        is_installed: whether the contract may look at it in another process.
    """
    points = f"{wrong.name} = wrong_{wrong.name}"
    install_by_hand(folder, DISTRIBUTION, "1.0", points, {f"wrong_{wrong.name}": module_of(wrong)})
    with _on_path(folder), _quiet():
        plugin = wrong.name if is_installed else Plugin(wrong.name, importlib.import_module(f"wrong_{wrong.name}"))
        judged = _contract_of(wrong, plugin, does_it=does_it)
        for rule in RULES:
            try:
                getattr(judged, rule)()
            except (AssertionError, AkoError) as fault:
                yield f"{rule}: {fault}"


def _contract_of(wrong: Wrong, plugin: str | Plugin, *, does_it: bool) -> PluginContract:
    """Give the contract, with an example of what the author thought of, and one of what is wrong."""
    things = [thing(wrong), thing(wrong, name="other", is_wrong=does_it)]
    others = (CLASS, ingress("shop", ("shop.com", "/", "web:80")), service("web"), endpoints("web", "10.0.0.1"))
    attributes = {"plugins": (plugin, *OURS), "examples": (*others, *things, service("signal", 81 if does_it else 80))}
    judged = type("Judged", (PluginContract,), attributes)()
    assert isinstance(judged, PluginContract)
    return judged


@contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _quiet() -> Iterator[None]:
    """Faults are logged, and expected."""
    log = logging.getLogger("ako.core")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
