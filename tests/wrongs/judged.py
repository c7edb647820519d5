"""A plugin that does wrong before the contract that its author's tests inherit."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ako.core.base.errors import PluginError
from ako.core.hooks.loading import Plugin
from ako.testing.plugin_contract import PluginContract
from tests.builders import CLASS, endpoints, ingress, service
from tests.wrongs.author import module_of, thing
from tests.wrongs.wrong import Wrong

RULES = sorted(
    (name for name in vars(PluginContract) if name.startswith("test_")),
    key=lambda name: name != "test_examples_are_understood",  # most are found out by that one
)


def contract_of(wrong: Wrong, folder: Path, *, does_it: bool = True) -> PluginContract:
    """Give the contract of a plugin, with an example of what its author thought of, and one of what is wrong."""
    things = [thing(wrong), thing(wrong, name="other", is_wrong=does_it)]
    others = (CLASS, ingress("shop", ("shop.com", "/", "web:80")), service("web"), endpoints("web", "10.0.0.1"))
    plugins = (Plugin(wrong.name, loaded(wrong, folder)), "ingress", "clusterip_routes")
    examples = (*others, *things, *([service("signal", 81)] if does_it else []))
    judged = type("Judged", (PluginContract,), {"plugins": plugins, "examples": examples})()
    assert isinstance(judged, PluginContract)
    return judged


def loaded(wrong: Wrong, folder: Path) -> ModuleType:
    """Import the module of a plugin, from a file as that of an author is."""
    path = folder / f"wrong_{wrong.name}.py"
    path.write_text(module_of(wrong), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def findings(wrong: Wrong, folder: Path, *, does_it: bool = True) -> Iterator[str]:
    """Give what the rules of the contract say, one after the other."""
    with _quiet():
        judged = contract_of(wrong, folder, does_it=does_it)
        for rule in RULES:
            try:
                getattr(judged, rule)()
            except (AssertionError, PluginError) as fault:
                yield f"{rule}: {fault}"


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
