"""Where worlds come about: the simulator, a folder of manifests, and a controller in a thread, asked over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import requests

from ako.testing import KubeApi
from tests.e2e.stage import Stage
from tests.explain.situation import Scene, Situation, World
from tests.replicas.rig import LEASE
from tests.scenarios.ako_thread import AkoThread
from tests.waiting import eventually, wait_until


class Theatre:
    """A world under way.

    Args:
        world: which one.
        stage: the Avi Controller, and a folder.
    """

    def __init__(self, world: World, stage: Stage) -> None:
        self._world = world
        self._stage = stage
        self._open = ExitStack()
        self._http = self._open.enter_context(requests.Session())
        self._http.trust_env = False
        self._ako = AkoThread(stage.config, self._cluster(), stage.folder)

    def _cluster(self) -> Sequence[str]:
        """Have the objects of the world in a folder, or in a cluster with a replica that works; give where."""
        stage, world = self._stage, self._world
        if not world.leader:
            stage.remove("base")
            stage.remove("shop")
            stage.put("world", *world.objects)
            for number, situation in enumerate(world.situations):
                stage.put(f"situation-{number}", *situation.objects)
            return ("--manifests", str(stage.manifests))
        kube = self._open.enter_context(KubeApi())
        lease = {**LEASE, "spec": {"holderIdentity": world.leader, "leaseDurationSeconds": 3600}}
        for item in (lease, *world.objects, *(item for one in world.situations for item in one.objects)):
            kube.apply(dict(item))
        return ("--kubeconfig", str(kube.write_kubeconfig(stage.folder / "kubeconfig")))

    def __enter__(self) -> Self:
        stage, world = self._stage, self._world
        stage.configure(**world.settings)
        scene = Scene(stage, self._restart, self._is_served)
        world.before(scene)
        self._ako.start()
        world.then(scene)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._ako.kill()
        self._open.close()

    def ask(self, question: str) -> str:
        """Give what people read of an answer, a line each."""
        answer = self._http.get(f"http://127.0.0.1:{self._ako.port}/api/explain", params={"q": question}, timeout=60)
        return "\n".join(_lines(answer.json()["outline"])) if answer.ok else answer.text

    def told(self, situation: Situation) -> str:
        """Give what is told of a situation as soon as nothing is missing of it."""
        told = ""

        def is_whole() -> bool | None:
            nonlocal told
            told = self.ask(situation.asks)
            return all(words in told for words in situation.told) or None

        if wait_until(is_whole) is None:
            missing = [words for words in situation.told if words not in told]
            raise AssertionError(f"{situation.asks}: {missing} are missing in:\n{told}")
        return told

    def _restart(self) -> None:
        self._ako.kill()
        self._ako.start()

    def _is_served(self, host: str) -> None:
        eventually(lambda: f"{host} served at" in self.ask(host), f"{host} served")


def _lines(outline: list[dict[str, Any]]) -> Iterator[str]:
    for line in outline:
        yield f"{line['label']} {line['text']}".strip()
        if remedy := line.get("remedy"):
            yield f"→ {remedy}"
        yield from _lines(line.get("lines", []))
