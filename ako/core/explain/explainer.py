"""Answers questions about one controller: it reads what the stages hold, and concludes nothing itself.

An answer costs what it is about. Only a name or an address on the Avi Controller is looked for among all objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ako.core.base.refs import AviRef, ObjectRef
from ako.core.explain.answer import Answer, HostTold
from ako.core.explain.hosts import Hosts
from ako.core.explain.near import near_names
from ako.core.explain.objects import Objects
from ako.core.explain.picture import Picture, named, title
from ako.core.explain.question import Question, readings
from ako.core.explain.sources import Sources
from ako.core.hooks.claims import HostKey
from ako.core.model import Pool, VsVip

CHAINS_AT_MOST = 5
"""How many hosts an answer tells from end to end; of more, the names."""


class Explainer:
    """Answers questions.

    Args:
        picture: what is known.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._hosts = Hosts(picture)
        self._objects = Objects(picture)
        self._sources = Sources(picture)

    def answer(self, question: str) -> Answer:
        """Say what is known about what is asked for; names that are like it where nothing is."""
        self._picture.outcomes.begin()
        read = readings(question, self._picture.pipeline.store.kinds())
        for reading in read:
            found = self._answered(question, reading)
            if found is not None:
                return found
        return Answer(question=question, near=self._near(read))

    def _answered(self, question: str, asked: Question) -> Answer | None:
        if asked.address:
            return self._about_address(question, asked.address)
        if asked.kinds:
            return self._about_source(question, asked)
        if asked.avi_name:
            return self._about_object(question, asked)
        return self._about_host(question, asked)

    def _about_host(self, question: str, asked: Question) -> Answer | None:
        """Tell about a host; one that nobody claims may be under a wildcard."""
        claims = self._picture.pipeline.claims
        under = f"*.{asked.host.partition('.')[2]}"
        for host in dict.fromkeys((asked.host, under)):
            if claims.size(host) or self._picture.pipeline.hosts.value(host) is not None:
                notes = () if host == asked.host else (f"nobody claims {asked.host}; {host} takes its requests.",)
                return Answer(question=question, hosts=(self._hosts.told(host, asked.path),), notes=notes)
        return None

    def _about_source(self, question: str, asked: Question) -> Answer | None:
        found = self._sources.find(asked.kinds, asked.name)
        if not found:
            return None
        told = tuple(map(self._sources.told, found))
        keys = dict.fromkeys(key for ref in found for key in self._sources.keys(ref))
        return Answer(question=question, sources=told, hosts=tuple(self._chains(keys)))

    def _about_object(self, question: str, asked: Question) -> Answer | None:
        found = sorted(set(self._refs(asked)))
        if not found:
            return None
        served = {key for ref in found for key in self._own_keys(ref)}
        return Answer(
            question=question,
            objects=tuple(map(self._objects.found, found)),
            hosts=tuple(self._chains(sorted(served, key=named))),
        )

    def _own_keys(self, ref: AviRef) -> Iterator[HostKey]:
        """Give the hosts whose own an object is; of one that is shared none: they are only named."""
        tree = self._picture.pipeline.trees.value(self._picture.planner.tree_of(ref))
        yield from (placed.key for placed in tree.hosts if ref in placed.refs) if tree else ()

    def _refs(self, asked: Question) -> Iterator[AviRef]:
        """Give the objects, there or wanted, that have a name or uuid."""
        picture, name = self._picture, asked.avi_name
        for ref, seen in picture.observed.items():
            if name in {ref.name, seen.uuid} and asked.avi_type in {"", ref.type}:
                yield ref
        for tree in picture.pipeline.tree_names():
            wanted = (ref for ref in picture.desired_of(tree) if ref.name == name)
            yield from (ref for ref in wanted if asked.avi_type in {"", ref.type})

    def _about_address(self, question: str, address: str) -> Answer | None:
        """Tell about an address of ours, or one of servers: which pools have it."""
        picture = self._picture
        vips = [r for r, s in picture.observed.items() if isinstance(s.object, VsVip) and address in s.object.addresses]
        pools: list[AviRef] = []
        keys: dict[HostKey, None] = {}
        for _, model in picture.pipeline.hosts.values():
            for item in model.translation.objects if model.translation else ():
                if isinstance(item, Pool) and any(server.ip.addr == address for server in item.servers):
                    pools.append(item.ref)
                    keys[model.virtual_host.key] = None
        found = [*sorted(vips), *sorted(pools)]
        if not found:
            return None
        objects = tuple(map(self._objects.found, found))
        return Answer(question=question, objects=objects, hosts=tuple(self._chains(keys)))

    def _chains(self, keys: Iterable[HostKey]) -> Iterator[HostTold]:
        for key, _ in zip(keys, range(CHAINS_AT_MOST), strict=False):
            yield self._hosts.told(key)

    def _near(self, read: Iterable[Question]) -> tuple[str, ...]:
        """Give names that are like what was asked for."""
        pipeline, found = self._picture.pipeline, dict[str, None]()
        for asked in read:
            if asked.kinds:
                kinds = dict.fromkeys(asked.kinds)
                names = (title(ObjectRef(kind, *one)) for kind in kinds for one in self._sources.names(kind))
                near = near_names(f"{asked.kinds[0].name}/{asked.name}", names)
            elif asked.host:
                near = near_names(asked.host, (key for key in pipeline.hosts.rows if isinstance(key, str)))
            else:
                near = near_names(asked.avi_name, (ref.name for ref in self._picture.observed)) if not found else ()
            found.update(dict.fromkeys(near))
        return tuple(found)
