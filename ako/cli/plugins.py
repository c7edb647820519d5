"""`ako plugins`: what is installed, what is enabled, what each does; and a new one to begin with (`plugins_new`)."""

from __future__ import annotations

import argparse
import os

from ako.cli import plugins_new
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.hooks.loading import available_plugins


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = "What plugins there are, and how to begin one."
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="installed plugins, and what the enabled ones do")
    add_settings_arguments(listing)
    listing.set_defaults(run=run)
    plugins_new.declare(actions.add_parser("new", help="make a distribution with a plugin to begin with"))


def run(arguments: argparse.Namespace) -> int:
    """Print a table of plugins."""
    loaded, host = load_with_plugins(sources_from(arguments, os.environ))
    enabled = loaded.settings.ako.plugins.enabled
    rows = [("NAME", "ENABLED", "DISTRIBUTION", "WATCHES", "HOOKS")]
    for name, point in available_plugins().items():
        kinds = ", ".join(kind.kind.name for kind in host.kinds.get(name, ())) or "-"
        distribution = f"{point.dist.name} {point.dist.version}" if point.dist else "-"
        hooks = ", ".join(host.hooks_of(name)) or "-"
        rows.append((name, "yes" if name in enabled else "no", distribution, kinds, hooks))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0
