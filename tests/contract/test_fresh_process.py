"""What only a process of its own shows of a plugin, and what it does there to the contract of the plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ako.testing import PluginContract, custom_object
from tests.contract.third_party import install_by_hand

MODULE = '''
"""Doors are hosts."""
from msgspec import Struct
from ako import Backend, Discovery, HostClaim, Kind, Metadata, PathRule, PathType, WatchedKind, hookimpl
{top}

class Door(Struct, frozen=True):
    metadata: Metadata
    host: str

@hookimpl
def ako_kinds():
    return [WatchedKind(kind=Kind("doors.test", "v1", "Door"), plural="doors", record=Door, is_source=True)]

@hookimpl
def ako_discover(source):
    host = source.record.host
    {code}
    rule = PathRule("/", PathType.PREFIX, (Backend("default", "web"),))
    return Discovery((HostClaim(source.ref, "", host, (rule,)),))
'''
SAMPLE = "patches"
"""This one is always tried, the others are in `make campaign`: each takes a process."""
HARMS: dict[str, tuple[str, str, str]] = {
    "good": ("", "pass", ""),
    SAMPLE: ("import json\njson.dumps = str", "pass", "it changes json.dumps"),
    "ends": ("import os\nos._exit(7)", "pass", "it ends the process with code 7"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "pass", "it ends the process with signal 11"),
    "threads": ("import threading as t\nt.Thread(target=t.Event().wait).start()", "pass", "it leaves a thread"),
    "patches_ours": ("import ako\nako.View.get = None", "pass", "it changes ako.core.engine.view.View.get"),
    "patches_late": ("import json", "json.loads = str", "it changes json.loads"),
    "builds_in": ("import builtins\nbuiltins.door = 1", "pass", "it changes builtins.door"),
    "sets_variables": ("import os\nos.environ['DOOR'] = '1'", "pass", "it changes the environment"),
    "reads_variables": ("import os", "host = os.environ.get('HOME', '').strip('/') + '.test'", "in another process"),
    "hashes": ("", "host = f'h{hash(host) % 1000}.test'", "in another process, with another environment"),
    "orders": ("", "host = ''.join(set('abcdefgh')) + '.test'", "the claims of doors.test/v1/Door/default/one"),
    "raises_at_import": ("1 / 0", "pass", "does not load: ZeroDivisionError"),
    "every_third": (
        "import itertools\nTIMES = itertools.count(1)",
        "if next(TIMES) % 3 == 0: raise ValueError",
        "ako_discover",
    ),
}


def contract(name: str, top: str, code: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> PluginContract:
    """Install a plugin in a folder that is on the path, and give its contract."""
    plugin = f"fresh_{name}"
    install_by_hand(site, f"ako-{name}", "1", f"{plugin} = {plugin}", {plugin: MODULE.format(top=top, code=code)})
    monkeypatch.syspath_prepend(str(site))
    attributes: dict[str, Any] = {
        "plugins": (plugin,),
        "examples": (custom_object("doors.test/v1", "Door", "one", host="a.test"),),
    }
    judged = type("Judged", (PluginContract,), attributes)()
    assert isinstance(judged, PluginContract)
    return judged


@pytest.mark.parametrize(
    "harm", [pytest.param(harm, marks=[] if harm == SAMPLE else [pytest.mark.campaign]) for harm in HARMS]
)
def test_harm_is_seen_without_being_done(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of the contract name it, and this process goes on as it was."""
    top, code, told = HARMS[harm]
    judged = contract(harm, top, code, tmp_path, monkeypatch)
    if not told:
        judged.test_same_objects_give_the_same_answer()
        judged.test_it_leaves_nothing_behind()
        return
    with pytest.raises(AssertionError, match=told) as failed:
        judged.test_same_objects_give_the_same_answer()
    assert f"fresh_{harm}" in str(failed.value)
