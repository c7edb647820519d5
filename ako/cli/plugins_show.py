"""`ako plugins show NAME`: all about one plugin: where it comes from, what it does, what it needs and may do."""

from __future__ import annotations

import argparse
import inspect
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any

from ako.cli.api_server import own_namespace
from ako.cli.parser import add_format_argument
from ako.cli.settings_arguments import add_settings_arguments, load_for, sources_from
from ako.core.base.errors import AkoError, PluginError
from ako.core.control.rights import rights
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.declarations import HOOKS
from ako.core.hooks.hookspecs import AkoHooks
from ako.core.hooks.inspection import first_asked
from ako.core.hooks.loading import Plugin, is_own, load, metadata_of, name_fault, offers, unknown_fault
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.rights import Right
from ako.core.settings import Settings, Sources, enabled_plugins
from ako.core.settings.keys import key_table
from ako.core.settings.plain import plain_of

_FAULT = 64


def declare_show(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Shows all about one plugin that is installed; it is loaded for it, whether it is enabled or not, and asked "
        "only what it is asked at start."
    )
    parser.epilog = (
        "Exit codes: 0 shown; 64 it is not installed, or there is a fault in it, which is shown. "
        "Example: ako plugins show ingress"
    )
    parser.add_argument("name", metavar="NAME", help="as `ako plugins list` has it")
    add_settings_arguments(parser)
    add_format_argument(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print all about a plugin.

    Raises:
        PluginError: there is none of that name.
    """
    sources = sources_from(arguments, os.environ)
    installed = offers()
    if arguments.name not in installed:
        raise PluginError(unknown_fault([arguments.name], installed))
    points = installed[arguments.name]
    told = {"name": arguments.name, "enabled": arguments.name in enabled_plugins(sources)}
    fault = name_fault(arguments.name, points)
    found = [{**told, **_origin(point), **_described(point, sources)} for point in points]
    if fault:
        found = [{**one, "faults": [fault, *one["faults"]]} for one in found]
    if arguments.format == "json":
        print(json.dumps(found[0] if len(found) == 1 else found, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(_text(one)) for one in found))
    return _FAULT if any(one["faults"] for one in found) else 0


def _origin(point: EntryPoint) -> Mapping[str, Any]:
    dist = point.dist
    return {
        "origin": "built-in" if is_own(point) else "third party",
        "distribution": metadata_of(point, "Name"),
        "version": metadata_of(point, "Version"),
        "summary": metadata_of(point, "Summary"),
        "entryPoint": point.value,
        "place": str(dist.locate_file("")) if dist else "",
    }


def _described(point: EntryPoint, sources: Sources) -> Mapping[str, Any]:
    """Give what a plugin declares, as far as it can be had; its fault where it cannot."""
    told: dict[str, Any] = {"faults": []}
    try:
        plugin = load(point)
        told["file"] = _file_of(plugin.implementation)
        told["meaning"] = _first_line(plugin.implementation)
        host = PluginHost([plugin])
        models = host.settings_models()
        keys = [key for key in key_table(models).by_helm.values() if key.owner]
        granted = _rights(host, sources)
    except PluginError as fault:
        return {**told, "faults": [str(fault)]}
    needs = host.needs[plugin.name]
    return {
        **told,
        "api": needs.api,
        "hooks": {hook: _line_of(plugin, hook) for hook in host.hooks_of(plugin.name)},
        "kinds": [_kind(kind) for kind in host.kinds.get(plugin.name, ())],
        "settings": [
            {
                "key": key.helm,
                "default": plain_of(key, key.default),
                "allowed": key.allowed,
                "meaning": key.description,
            }
            for key in keys
        ],
        "rights": [_right(right) for right in granted],
        "creates": [kind.avi_type for kind in host.creates],
        "fields": {kind.avi_type: sorted(names) for kind, names in host.fields.items()},
        "remarks": list(host.remarks),
    }


def _file_of(implementation: object) -> str:
    held = (
        implementation if inspect.ismodule(implementation) or inspect.isclass(implementation) else type(implementation)
    )
    try:
        return inspect.getsourcefile(held) or ""
    except (OSError, TypeError):
        return ""


def _first_line(described: object) -> str:
    return next(iter((inspect.getdoc(described) or "").splitlines()), "")


def _line_of(plugin: Plugin, hook: str) -> str:
    """Give what an author says of a hook in one line, else what the hook is for."""
    return _first_line(first_asked(plugin.implementation, hook, HOOKS)) or _first_line(getattr(AkoHooks, hook))


def _kind(kind: WatchedKind) -> Mapping[str, Any]:
    group = f".{kind.kind.group}" if kind.kind.group else ""
    return {
        "kind": kind.kind.name,
        "version": kind.kind.version,
        "record": kind.record.__name__,
        "resource": f"{kind.plural}{group}",
        "source": kind.is_source,
        "optional": kind.is_optional or kind.stands_in_for is not None,
        "status": kind.status is not None,
        "namespaced": kind.namespaced,
        "replaces": [str(replaced) for replaced in kind.replaces],
        "standsInFor": str(kind.stands_in_for) if kind.stands_in_for else "",
    }


def _rights(host: PluginHost, sources: Sources) -> Sequence[Right]:
    """Give the rights that `ako rbac` prints for a plugin, without those that the core takes anyway."""
    try:
        settings = load_for(sources, host).settings
    except AkoError:
        settings = Settings()
    namespace = own_namespace()
    anyway = {_subject(right) for right in rights(PluginHost([]), settings, namespace)}
    return [right for right in rights(host, settings, namespace) if _subject(right) not in anyway]


def _subject(right: Right) -> tuple[str, ...]:
    return right.group, right.resource, right.verb, right.namespace, right.name


def _right(right: Right) -> Mapping[str, str]:
    resource = f"{right.resource}.{right.group}" if right.group else right.resource
    return {"verb": right.verb, "resource": resource, "namespace": right.namespace, "name": right.name}


def _text(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['name']}: {told.get('meaning') or told['summary'] or '(it does not say what it is)'}"
    rows = {
        "enabled": "yes" if told["enabled"] else "no",
        "origin": told["origin"],
        "distribution": f"{told['distribution']} {told['version']}".strip() or "-",
        "entry point": f"{told['name']} = {told['entryPoint']}",
        "file": told.get("file") or told["place"],
        "plugin API": told.get("api", ""),
        "creates": ", ".join(told.get("creates", ())) or "nothing that the core does not create" * ("api" in told),
    }
    yield from (f"  {name + ':':14}{value}" for name, value in rows.items() if value)
    yield from (f"  fault: {fault}" for fault in told["faults"])
    yield from (f"  remark: {remark}" for remark in told.get("remarks", ()))
    for title, lines in (
        ("hooks", [f"{hook}  {line}" for hook, line in told.get("hooks", {}).items()]),
        ("kinds", list(dict.fromkeys(map(_kind_line, told.get("kinds", ()))))),
        ("settings", [line for key in told.get("settings", ()) for line in _setting_lines(key)]),
        ("rights, beside those of the core", list(_right_lines(told.get("rights", ())))),
        ("fields that it sets", [f"{kind}: {', '.join(names)}" for kind, names in told.get("fields", {}).items()]),
    ):
        if lines:
            yield f"{title}:"
            yield from (f"  {line}" for line in lines)


def _kind_line(kind: Mapping[str, Any]) -> str:
    traits = ["source"] * kind["source"] + ["status written"] * kind["status"] + ["optional"] * kind["optional"]
    traits += [f"replaces {replaced}" for replaced in kind["replaces"]]
    traits += [f"where {kind['standsInFor']} is not served"] if kind["standsInFor"] else []
    return f"{kind['kind']} ({kind['resource']}, {kind['version']}): {', '.join(traits) or 'read'}"


def _setting_lines(key: Mapping[str, Any]) -> Iterator[str]:
    allowed = f" ({key['allowed']})" if key["allowed"] else ""
    yield f"{key['key']} = {json.dumps(key['default'], ensure_ascii=False, default=str)}{allowed}"
    yield f"    {key['meaning'] or '(it does not say what it means)'}"


def _right_lines(granted: Sequence[Mapping[str, str]]) -> Iterator[str]:
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for right in granted:
        verbs.setdefault((right["resource"], right["namespace"], right["name"]), []).append(right["verb"])
    for (resource, namespace, name), of_one in verbs.items():
        where = f" named {name}" * bool(name) + f" in namespace {namespace}" * bool(namespace)
        yield f"{', '.join(of_one)} {resource}{where}"
