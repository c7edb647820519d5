"""Answers questions about one controller: it reads what the stages hold, and concludes nothing itself.

An answer costs what it is about. Only a name or an address on the Avi Controller is looked for among all objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ako.core.base.refs import AviRef, ObjectRef
from ako.core.explain.addresses import entrances_at, hosts_asking_for, hosts_behind, nodes_at, pools_with
from ako.core.explain.answer import Answer, HostTold, SourceTold
from ako.core.explain.hosts import Hosts
from ako.core.explain.kept import kept_told
from ako.core.explain.near import LISTED_AT_MOST, near_names
from ako.core.explain.objects import Objects
from ako.core.explain.picture import Picture, named, title
from ako.core.explain.question import Question, no_such_kind, readings
from ako.core.explain.sources import Sources
from ako.core.hooks.claims import HostKey, SharedVip
from ako.core.settle.rivals import DnsName

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
        host = "" if any(reading.kinds for reading in read) else next((r.host for r in read if r.host), "")
        if sources := self._in_vain(host):
            return Answer(question=question, sources=sources)
        near = self._near(read)
        note = "" if near else no_such_kind(question, self._picture.pipeline.store.kinds())
        return Answer(question=question, near=near, notes=(note,) if note else ())

    def _in_vain(self, host: str) -> tuple[SourceTold, ...]:
        """Tell about those who ask for a host in vain."""
        return tuple(map(self._sources.told, islice(self._sources.mentioning(host), CHAINS_AT_MOST)))

    def _answered(self, question: str, asked: Question) -> Answer | None:
        if asked.address:
            return self._about_address(question, asked.address)
        if asked.kinds:
            return self._about_source(question, asked)
        if asked.shared.name:
            shared = SharedVip(*asked.shared)
            is_known = self._picture.pipeline.claims.size(shared)
            return Answer(question=question, hosts=(self._hosts.told(shared),)) if is_known else None
        if asked.avi_name:
            return self._about_object(question, asked)
        return self._about_host(question, asked)

    def _about_host(self, question: str, asked: Question) -> Answer | None:
        """Tell about a host: who claims it, who has it on ports, what is left of it, or who asks for it in vain."""
        claims, host = self._picture.pipeline.claims, asked.host
        if claims.size(host):
            return Answer(question=question, hosts=(self._hosts.told(host, asked.path),))
        kept = kept_told(self._picture, self._objects, host)
        if kept is not None:
            return Answer(question=question, hosts=(kept,), sources=self._in_vain(host))
        if ports := dict.fromkeys(asker.key for asker in claims.group(DnsName(host))):
            return Answer(question=question, hosts=tuple(self._chains(ports)))
        if claims.size(domain := f"*.{host.partition('.')[2]}"):
            note = f"nobody claims {host}; {domain} takes its requests."
            told = self._hosts.told(domain, asked.path)
            return Answer(question=question, hosts=(told,), sources=self._in_vain(host), notes=(note,))
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
        """Tell about an address that is ours or asked for, or of a pod or node: in which pools it is, or is not."""
        picture = self._picture
        pools = dict(pools_with(picture, address))
        asking = hosts_asking_for(picture, address)
        keys = dict.fromkeys((*pools.values(), *hosts_behind(picture, address), *asking))
        answer = Answer(
            question=question,
            sources=tuple(map(self._sources.told, nodes_at(picture, address))),
            hosts=tuple(self._chains(keys)),
            objects=tuple(map(self._objects.found, (*sorted(entrances_at(picture, address)), *sorted(pools)))),
        )
        return answer if answer.is_found else None

    def _chains(self, keys: Iterable[HostKey]) -> Iterator[HostTold]:
        return map(self._hosts.told, islice(keys, CHAINS_AT_MOST))

    def _near(self, read: Iterable[Question]) -> tuple[str, ...]:
        """Give names that are like what was asked for."""
        pipeline, read = self._picture.pipeline, tuple(read)
        words = (asked.avi_name for asked in read if asked.avi_name and not asked.avi_type)
        called = chain.from_iterable(map(self._sources.called, words))
        found = dict.fromkeys(islice(map(title, called), LISTED_AT_MOST))
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
