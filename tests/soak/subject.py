"""The process under test: a whole controller with short waits, that answers questions about itself on its input.

`state` is answered by a line of JSON, `sync` asks for a full sync, the end of the input ends it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import random
import resource
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ako.cli.memory import keep_for_long
from ako.core.avi.endpoint import AviEndpoint
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.fence import Fence
from ako.core.control.loop import Controller
from ako.core.control.world import World
from ako.core.hooks.loading import load_plugins
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.api import ApiCluster
from ako.core.kube.connection import from_kubeconfig
from ako.core.kube.reflector import Timing
from ako.core.settings import Sources, load_settings
from ako.core.settings.enabled import IN_TREE_PLUGINS

SILENCE = 0.8
"""Seconds after which a silent watch counts as dead: far fewer than in earnest."""


_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Mallinfo2(ctypes.Structure):
    """What the C library says of its memory."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _FIELDS)


def _allocated_kb() -> int:
    """Give what is in use of the memory of the C library, where it tells."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return 0
    libc.mallinfo2.restype = _Mallinfo2
    told = libc.mallinfo2()
    return int(told.uordblks + told.hblkhd) // 1024


class Subject:
    """A controller in a thread."""

    def __init__(self, kubeconfig: str, url: str, flags: dict[str, str], seed: int, page: int) -> None:
        loaded = load_settings(Sources(flags=flags))
        rng = random.Random(seed)
        pace = Pace(time.monotonic, rng, first=0.02, ceiling=0.5, linger=0.5, calm=0.2, grace=0.05)
        timing = Timing(retry=pace, silence_seconds=SILENCE, page_size=page, reprobe_seconds=5.0)
        fence = Fence()
        self.cluster = ApiCluster(from_kubeconfig(Path(kubeconfig)), timing=timing, fence=fence)
        endpoint = AviEndpoint(url=url, username="admin", password="admin")
        world = World(
            self.cluster,
            connect=lambda _, on_return: AviSession(endpoint, on_return=on_return, warrant=fence.warrant()),
            reload=lambda *_: loaded,
            pace=pace,
            fence=fence,
            namespace="avi-system",
        )
        self.controller = Controller(loaded, PluginHost(load_plugins(IN_TREE_PLUGINS)), world)
        self.thread = threading.Thread(target=self.controller.run, name="controller")

    def state(self) -> dict[str, Any]:
        """Say how things are."""
        controller = self.controller
        ends: dict[str, int] = {}
        for report in self.cluster.watch_reports():
            for end, count in report.ends.items():
                ends[end] = ends.get(end, 0) + count
        return {
            "is_alive": self.thread.is_alive(),
            "is_converged": controller.is_converged,
            "full_syncs": controller.full_sync.count,
            "faults": sum(controller.state.faults.values()),
            "lists": sum(report.lists for report in self.cluster.watch_reports()),
            "lost": [str(report.kind) for report in self.cluster.watch_reports() if report.lost_at],
            "ends": ends,
            "threads": sorted(thread.name for thread in threading.enumerate()),
            "files": len(list(Path("/proc/self/fd").iterdir())),
            "rss_kb": int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024,
        }

    def objects(self) -> dict[str, Any]:
        """Count what is in use: objects that the garbage collector knows, blocks of Python, memory of the C library."""
        gc.collect()
        types = Counter(type(one).__name__ for one in gc.get_objects())
        return {
            "objects": types.total(),
            "blocks": sys.getallocatedblocks(),
            "kb": _allocated_kb(),
            "types": dict(types.most_common(40)),
        }

    def answer(self, question: str) -> dict[str, Any]:
        """Answer one line of the input."""
        if question == "sync":
            self.controller._inbox.put(self.controller.full_sync.request)
            return {}
        return self.objects() if question == "objects" else self.state()


def main() -> None:
    """Run until the input ends."""
    keep_for_long()
    subject = Subject(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    subject.thread.start()
    for line in sys.stdin:
        print(json.dumps(subject.answer(line.strip())), flush=True)
    subject.controller.stop()
    subject.thread.join()


if __name__ == "__main__":
    main()
