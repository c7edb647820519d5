"""`ako plugins`: what is installed and enabled, what each does, what is wrong with it; and a new one to begin with."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any

from ako.cli import plugins_new
from ako.cli.parser import add_format_argument
from ako.cli.plugins_show import declare_show
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.base.errors import AkoError, PluginError
from ako.core.hooks.loading import distribution_of, is_own, load, name_fault, offers
from ako.core.hooks.plugin_host import PluginHost
from ako.core.settings import Sources, enabled_plugins

_FAULT = 64


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = "What plugins there are, and how to begin one."
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        help="installed plugins, what the enabled ones do, and what is wrong with them",
        description="Lists every plugin that is installed; those that are not enabled are not loaded for it.",
        epilog="Exit codes: 0 listed; 64 listed, and what is enabled cannot run. "
        "Example: ako plugins list --format json",
    )
    add_settings_arguments(listing)
    add_format_argument(listing)
    listing.set_defaults(run=run)
    declare_show(actions.add_parser("show", help="all about one plugin, enabled or not"))
    plugins_new.declare(actions.add_parser("new", help="make a distribution with a plugin to begin with"))


def run(arguments: argparse.Namespace) -> int:
    """Print a table of plugins, and below it what is wrong."""
    sources = sources_from(arguments, os.environ)
    enabled = enabled_plugins(sources)
    rows = [row for name, points in offers().items() for row in _rows(name, points, name in enabled)]
    start = _fault_of_start(sources)
    if arguments.format == "json":
        print(json.dumps({"plugins": rows, "fault": start}, indent=2, ensure_ascii=False))
    else:
        _print_table(rows)
        told = dict.fromkeys(fault for row in rows for fault in row["faults"])
        print(*(f"fault: {fault}" for fault in told), sep="\n", end="\n" * bool(told))
    if start:
        print(start, file=sys.stderr)
    return _FAULT if start else 0


def _fault_of_start(sources: Sources) -> str:
    """Say why a program with these settings would not start; empty if it would."""
    try:
        load_with_plugins(sources)
    except AkoError as fault:
        return str(fault)
    return ""


def _rows(name: str, points: Sequence[EntryPoint], is_enabled: bool) -> Iterator[Mapping[str, Any]]:
    """Give a row for each that offers a name: more than one is a fault."""
    doubled = name_fault(name, points)
    for point in points:
        host, fault = _loaded(point) if is_enabled and not doubled else (None, doubled)
        yield {
            "name": name,
            "enabled": is_enabled,
            "distribution": distribution_of(point),
            "origin": "built-in" if is_own(point) else "third party",
            "watches": [kind.kind.name for kind in host.kinds.get(name, ())] if host else [],
            "hooks": list(host.hooks_of(name)) if host else [],
            "faults": [fault] if fault else [],
        }


def _loaded(point: EntryPoint) -> tuple[PluginHost | None, str]:
    try:
        host = PluginHost([load(point)])
        host.settings_models()
    except PluginError as fault:
        return None, str(fault)
    return host, ""


def _print_table(plugins: Sequence[Mapping[str, Any]]) -> None:
    rows = [("NAME", "ENABLED", "DISTRIBUTION", "ORIGIN", "WATCHES", "HOOKS")]
    for plugin in plugins:
        doing = "a fault, see below" if plugin["faults"] else ", ".join(plugin["watches"]) or "-"
        enabled = "yes" if plugin["enabled"] else "no"
        hooks = ", ".join(plugin["hooks"]) or "-"
        rows.append((plugin["name"], enabled, plugin["distribution"] or "-", plugin["origin"], doing, hooks))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
