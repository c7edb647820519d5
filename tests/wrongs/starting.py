"""Plugins that are wrong from the start: the program says so and ends, and what is served stays as it is."""

from __future__ import annotations

from tests.wrongs.wrong import Held, Wrong

_HERE = Held.REFUSED

STARTING = (
    Wrong(
        name="exits_at_import",
        does="ends the program when it is imported",
        top="import sys\n\nsys.exit(0)",
        says="plugin exits_at_import (ako-wrongs 1.0…does not load: SystemExit: 0",
        held=_HERE,
    ),
    Wrong(
        name="raises_at_import",
        does="cannot be imported",
        top="import nonesuch",
        says="plugin raises_at_import (ako-wrongs 1.0…does not load: ModuleNotFoundError: No module named 'nonesuch'",
        held=_HERE,
    ),
    Wrong(
        name="hookless",
        does="has no hook",
        module="def discover(source): return None",
        says="hookless …no hook",
        held=_HERE,
    ),
    Wrong(
        name="unmarked",
        does="has a hook without `@hookimpl`",
        bottom="def ako_translate(virtual_host, view): return None",
        says="unmarked …ako_translate …hookimpl",
        held=_HERE,
    ),
    Wrong(
        name="misspells",
        does="has a hook that there is not",
        bottom="@hookimpl\ndef ako_discovers(source): return None",
        says="ako_discovers",
        held=_HERE,
    ),
    Wrong(
        name="asks_more",
        does="has a hook that wants an argument which it does not get",
        bottom="@hookimpl\ndef ako_translate(virtual_host, client): return None",
        says="asks_more …client",
        held=_HERE,
    ),
    Wrong(
        name="wraps",
        does="wraps the hooks of all others",
        bottom="@hookimpl(wrapper=True)\ndef ako_translate(virtual_host, view): return (yield)",
        says="plugin wraps (ako-wrongs 1.0): ako_translate is a wrapper; plugins wrap nothing",
        held=_HERE,
    ),
    Wrong(
        name="ingress",
        does="has the name of a built-in plugin",
        says="ingress …ako-wrongs",
        held=_HERE,
        unseen="it judges a plugin by itself; the name is a matter of what else is installed",
    ),
    Wrong(
        name="other_plural",
        does="declares another plugin's kind with other words",
        bottom=(
            'INGRESS = WatchedKind(kind=Kind("networking.k8s.io", "v1", "Ingress"), plural="ingres", record=Told)\n'
            "KINDS = (*KINDS, INGRESS)"
        ),
        says="other_plural …networking.k8s.io/v1/Ingress with other `plural`",
        held=_HERE,
        unseen="only beside the plugin whose kind it is",
    ),
    Wrong(
        name="kinds_exit",
        does="ends the program when it is asked for its kinds",
        top="import sys",
        bottom="@hookimpl\ndef ako_kinds(): sys.exit(0)",
        says="plugin kinds_exit (ako-wrongs 1.0) fails at start: SystemExit: 0",
        held=_HERE,
    ),
    Wrong(
        name="kinds_none",
        does="declares a kind that is none",
        bottom='@hookimpl\ndef ako_kinds(): return ["Thing"]',
        says="plugin kinds_none (ako-wrongs 1.0): ako_kinds gives 'Thing', which is no WatchedKind",
        held=_HERE,
    ),
    Wrong(
        name="soft_record",
        does="has a record that everybody may change",
        bottom=(
            "class Soft(Struct):\n    metadata: Metadata\n    spec: Spec\n\n\n"
            "KINDS = (*KINDS, WatchedKind(kind=KIND, plural=KINDS[0].plural, record=Soft))"
        ),
        says="soft_record …Soft …frozen",
        held=_HERE,
    ),
    Wrong(
        name="record_works",
        does="has a record that runs code when it is read",
        bottom=(
            "class Working(Thing, frozen=True):\n    def __post_init__(self):\n        while self.spec.wrong:\n"
            "            pass\n\n\n"
            "KINDS = (*KINDS, WatchedKind(kind=KIND, plural=KINDS[0].plural, record=Working))"
        ),
        says="record_works …Working …__post_init__",
        held=_HERE,
    ),
    Wrong(
        name="soft_settings",
        does="has settings that everybody may change",
        top="from pydantic import BaseModel",
        bottom="class Settings(BaseModel):\n    depth: int = 1\n\n\n@hookimpl\ndef ako_settings(): return Settings",
        says="soft_settings…frozen",
        held=_HERE,
    ),
    Wrong(
        name="from_tomorrow",
        does="was written for a plugin API that there is not yet",
        bottom='@hookimpl\ndef ako_needs(): return ako.Needs(api="9.0")',
        says="from_tomorrow …9.0",
        held=_HERE,
    ),
)
