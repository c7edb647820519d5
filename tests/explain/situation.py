"""What a situation is: objects in a world, a question, and the words that the answer must have, and must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tests.builders import Manifest
from tests.e2e.stage import Stage


class Situation(Struct, frozen=True, kw_only=True):
    """Something that somebody does not understand.

    Attributes:
        what: the situation, in the words of who is in it.
        asks: the question, as `ako explain` takes it.
        cause: what the answer must say.
        remedy: what would mend it, in the words of the answer; empty where nothing has to be done.
        never: words that the answer must not have: they would lead astray.
        objects: what is in the cluster because of it.
    """

    what: str
    asks: str
    cause: str
    remedy: str = ""
    never: Sequence[str] = ()
    objects: Sequence[Manifest] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """Give all that the answer must say."""
        return (self.cause, self.remedy) if self.remedy else (self.cause,)


class Scene(Struct, frozen=True):
    """What may happen in a world before anybody asks.

    Attributes:
        stage: the Avi Controller, the manifests, and the settings of the next start.
        restart: has a controller begin that knows only what is in the cluster and on the Avi Controller.
        is_served: waits until a host is.
    """

    stage: Stage
    restart: Callable[[], None]
    is_served: Callable[[str], None]


def nothing(_: Scene) -> None:
    """Have nothing happen."""


class World(Struct, frozen=True, kw_only=True):
    """Situations that one controller is in at once, each with hosts, and mostly a namespace, of its own.

    Attributes:
        title: a heading of the page; worlds of one title stand together.
        situations: in the order of the page.
        settings: by section.
        objects: what all of them need.
        leader: the replica that works; empty where there is one, which reads a folder of manifests.
        before: what happens before the controller starts.
        then: what happens after that.
    """

    title: str
    situations: Sequence[Situation]
    settings: Mapping[str, Mapping[str, Any]] = {}
    objects: Sequence[Manifest] = ()
    leader: str = ""
    before: Callable[[Scene], None] = nothing
    then: Callable[[Scene], None] = nothing
