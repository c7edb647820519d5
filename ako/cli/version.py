"""`ako version`: what runs here, for bug reports and scripts."""

from __future__ import annotations

import argparse
import json

from ako.cli.parser import add_format_argument
from ako.core.base.version import DISTRIBUTION, build
from ako.core.hooks.loading import distribution_of, offers
from ako.core.hooks.needs import PLUGIN_API


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Prints the versions of the program, of Python and of the plugins that are installed; `ako --version` prints "
        "the first alone."
    )
    parser.epilog = "Exit codes: 0 printed; 64 a fault of usage. Example: ako version --format json"
    add_format_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what runs here; no plugin is loaded for it."""
    told = build()
    plugins = {name: " or ".join(map(distribution_of, points)) for name, points in offers().items()}
    if arguments.format == "json":
        print(json.dumps({**told, "pluginApi": PLUGIN_API, "plugins": plugins}, indent=2))
        return 0
    print(f"{DISTRIBUTION} {told['version']}\nPython {told['python']} on {told['platform']}")
    print(f"plugin API {PLUGIN_API}\nplugins:")
    for name, distribution in plugins.items():
        print(f"  {name}  {distribution or '-'}")
    return 0
