"""The module of a plugin as a third party writes one: a source of its own, good until its object says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent
from typing import Any

from tests.wrongs.wrong import Wrong

GROUP = "wrongs.test"

MODULE = '''\
"""Serves each {kind_name} under its host, by one server beside the cluster."""

from collections.abc import Mapping

from msgspec import Struct

import ako
from ako import (
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    NamespacedName,
    ObjectRef,
    OwnTree,
    PathRule,
    PathType,
    Placement,
    Pool,
    PoolServer,
    Problem,
    StaticRoute,
    Translation,
    WatchedKind,
    hookimpl,
    site,
)

SHOP = ObjectRef(Kind("networking.k8s.io", "v1", "Ingress"), "default", "shop")
{top}


class Spec(Struct, frozen=True):
    host: str
    path: str = "/"
    wrong: bool = False
    times: int = 0


class Thing(Struct, frozen=True):
    metadata: Metadata
    spec: Spec


class Told(Struct, frozen=True):
    status: Mapping[str, str] | None = None


def is_wrong(thing):
    return [thing.spec.wrong]


KIND = Kind("{group}", "v1", "{kind_name}")
KINDS = (
    WatchedKind(
        kind=KIND, plural="{plural}", record=Thing, status=Told, is_source=True, indexes={{"wrong": is_wrong}}
    ),
)


@hookimpl
def ako_kinds():
    return KINDS


@hookimpl
def ako_discover(source, view):
    thing = source.record
    backend = Backend(source.ref.namespace, source.ref.name)
    rule = PathRule(thing.spec.path, PathType.PREFIX, (backend,))
    claim = HostClaim(source.ref, thing.metadata.created, thing.spec.host, (rule,))
    good = Discovery((claim,))
{ako_discover}
    return good


@hookimpl
def ako_place_backend(backend, view):
    thing = view.get(Thing, backend.namespace, backend.service)
    if thing is None:
        return None
    server = PoolServer.at("10.9.9.9", 80)
    good = Placement((server,))
{ako_place_backend}
    return good


@hookimpl
def ako_report(source, outcome):
    thing = source.record
    good = {{"path": thing.spec.path}}
{ako_report}
    return None if source.status and source.status.status == good else good
{others}
{bottom}
'''

OTHERS = {
    "ako_translate": """

@hookimpl
def ako_translate(virtual_host, view):
    source = virtual_host.oldest.source
    thing = view.get(Thing, source.namespace, source.name) if source.kind == KIND else None
    if thing is None:
        return None
    here = view.ask(site)
    name = here.names.host(virtual_host.host)
    pool = Pool(name=name, created_by=here.names.created_by, cloud_ref=here.cloud, vrf_ref=here.vrf)
    good = Translation(parent=OwnTree(name), objects=(pool,))
{code}
    return None
""",
    "ako_static_routes": """

@hookimpl
def ako_static_routes(view):
    thing = next(iter(view.list(Thing, "wrong", True)), None)
    if thing is None:
        return None
{code}
    return None
""",
    "ako_adjust": """

@hookimpl
def ako_adjust(virtual_host, translation, view):
    source = virtual_host.oldest.source
    thing = view.get(Thing, source.namespace, source.name) if source.kind == KIND else None
    if thing is None:
        return None
    good = translation
{code}
    return None
""",
}
"""Hooks that only those plugins have that do wrong in them."""

INDEXED = """\
KINDS = (
    WatchedKind(
        kind=KIND, plural=KINDS[0].plural, record=Thing, status=Told, is_source=True,
        indexes={"wrong": is_wrong, "host": by_host},
    ),
)
"""
"""What stands at the end of one with an index more, `by_host`."""

_HOOKS = ("ako_discover", "ako_place_backend", "ako_report")
_WHERE_NOTHING_IS_WRONG = "    # good"


def module_of(wrong: Wrong) -> str:
    """Give the text of the module of a plugin."""
    if wrong.module:
        return wrong.module
    if_wrong = f"if thing.spec.wrong:\n{indent(wrong.code.strip(), '    ')}" if wrong.code else ""
    code = indent(f"{wrong.always}\n{if_wrong}".strip(), "    ")
    return MODULE.format(
        group=GROUP,
        kind_name=wrong.kind_name,
        plural=plural_of(wrong),
        top=wrong.top.strip(),
        bottom=wrong.bottom.strip(),
        others=OTHERS[wrong.hook].format(code=code) if wrong.hook in OTHERS else "",
        **{hook: code if hook == wrong.hook and code else _WHERE_NOTHING_IS_WRONG for hook in _HOOKS},
    )


def plural_of(wrong: Wrong) -> str:
    """Give the name of its kind in URLs."""
    return f"{wrong.kind_name.lower()}s"


def name_of(wrong: Wrong) -> str:
    """Give the name of the object of a plugin."""
    return wrong.name.replace("_", "-")


def thing(
    wrong: Wrong, name: str = "", *, is_wrong: bool = False, path: str = "/", times: int = 0
) -> Mapping[str, Any]:
    """Build an object of a plugin, by default the one that is called after it."""
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": wrong.kind_name,
        "metadata": {"name": name or name_of(wrong), "namespace": "default"},
        "spec": {"host": f"{name}.com" if name else wrong.host, "path": path, "wrong": is_wrong, "times": times},
    }


def definition(wrong: Wrong) -> Mapping[str, Any]:
    """Build the CustomResourceDefinition of its kind."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    plural = plural_of(wrong)
    names = {"plural": plural, "singular": wrong.kind_name.lower(), "kind": wrong.kind_name}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }
