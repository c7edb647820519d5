"""What somebody who asks is told: frozen values, which are also the JSON of `ako explain --format json`.

An answer says what the stages concluded, and concludes nothing itself: who asks for a host and who has it, with whose
certificate, where, by which rules, with which servers, and what is wrong. It is one moment of one controller.
"""

from __future__ import annotations

from msgspec import Struct

from ako.core.base.wording import with_remedy


class Fault(Struct, frozen=True, omit_defaults=True):
    """What is wrong, as its owner is told.

    Attributes:
        about: the object whose owner must act, such as `Ingress/default/shop`.
        reason: the CamelCase word of Events.
        message: what is wrong.
        remedy: what to do about it.
    """

    about: str
    reason: str
    message: str
    remedy: str = ""

    @property
    def explanation(self) -> str:
        """Give message and remedy as one text."""
        return with_remedy(self.message, self.remedy)


class PathTold(Struct, frozen=True, omit_defaults=True):
    """One path that a claim asks for.

    Attributes:
        path: as written; empty for the whole host.
        path_type: in the words of Ingress.
        services: what is behind it, such as `default/web:80`, with weights where they differ.
        served: over which of `plain HTTP`, `TLS`, `TLS passthrough` it is served for this claim.
        redirects: its requests over plain HTTP are redirected to TLS.
        why_not: why it is not, where it is not served as it was asked for.
        taken_by: who has it instead.
    """

    path: str
    path_type: str
    services: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    redirects: bool = False
    why_not: str = ""
    taken_by: str = ""


class ClaimTold(Struct, frozen=True, omit_defaults=True):
    """One source object's claim of a host, in the order in which conflicts are decided.

    Attributes:
        source: who claims.
        created: its age, empty if it has none.
        verdict: `wins`, `wins in part` or `loses`.
        why: why it loses, or what it has not got.
        secret: what it names for TLS.
        paths: what it asks for.
    """

    source: str
    created: str = ""
    verdict: str = ""
    why: str = ""
    secret: str = ""
    paths: tuple[PathTold, ...] = ()


class CertificateTold(Struct, frozen=True, omit_defaults=True):
    """What a host presents.

    Attributes:
        subject, issuer: their common names, or the whole names where they have none, or else the
            first of `names`.
        names: the DNS names in it.
        not_before, not_after: RFC 3339.
        source: whose it is.
        secret: the Secret it is in, or the words for where else it is.
        serial: hexadecimal.
    """

    subject: str
    issuer: str = ""
    names: tuple[str, ...] = ()
    not_before: str = ""
    not_after: str = ""
    source: str = ""
    secret: str = ""
    serial: str = ""


class ShardTold(Struct, frozen=True, omit_defaults=True):
    """Which of the shared virtual services serves a host, and why that one.

    Attributes:
        number: of the shard, from 0.
        of: how many there are.
        why: the formula with its values, or that the host is live there already.
        by_formula: where the settings would put it, if that is another; else as `number`.
    """

    number: int
    of: int
    why: str
    by_formula: int


class ServerTold(Struct, frozen=True, omit_defaults=True):
    """A server of a pool, or what could be one.

    Attributes:
        address: IP address, or a host name.
        port: 0 where it has that of the pool.
        pod: `namespace/name` of the pod, if it is one.
        node: where it runs.
        why_not: why it is not in the pool; empty if it is.
        remedy: what would bring it in.
    """

    address: str
    port: int = 0
    pod: str = ""
    node: str = ""
    why_not: str = ""
    remedy: str = ""


class PoolTold(Struct, frozen=True, omit_defaults=True):
    """A pool and where its servers come from.

    Attributes:
        name: on the Controller.
        service: `namespace/name:port`.
        servers: those that are in.
        left_out: pods and nodes that are not, with the reason.
        faults: what is wrong with the placement.
    """

    name: str
    service: str = ""
    servers: tuple[ServerTold, ...] = ()
    left_out: tuple[ServerTold, ...] = ()
    faults: tuple[str, ...] = ()


class RuleTold(Struct, frozen=True, omit_defaults=True):
    """What is done with requests that match, in the order in which the Controller asks.

    Attributes:
        way: `plain HTTP`, `TLS`, `TLS passthrough`, or a port and protocol of a Service.
        match: the words for what matches, such as `path begins with /api`.
        action: `pool NAME`, `pools NAME 80 %, NAME 20 %`, or `redirect to https`.
        source: whose rule it is; empty where it is made of all.
        takes: it is the one that takes a request for the path that was asked for.
    """

    way: str
    match: str
    action: str
    source: str = ""
    takes: bool = False


class ObjectTold(Struct, frozen=True, omit_defaults=True):
    """An object on the Avi Controller.

    Attributes:
        type: as in URLs, such as `pool`.
        name: of the object.
        uuid: empty while it is not there.
        tenant: empty for that of the settings.
        state: `there`, `to be created`, `to be updated`, `to be deleted`, `refused`, `waits`, `left as it is`, or `not
            asked` where no Controller was.
        why: more about that: the fields that differ, the Controller's words.
        serves: the hosts it is there for.
    """

    type: str
    name: str
    uuid: str = ""
    tenant: str = ""
    state: str = ""
    why: str = ""
    serves: tuple[str, ...] = ()


class HostTold(Struct, frozen=True, omit_defaults=True):
    """One virtual host, or the ports of one address, from its claims to its servers.

    Attributes:
        host: the host name; of ports what they are called in messages.
        state: `live`, `pending`, `kept` or `rejected`, as in `HostState`; of several claims the best.
        verdict: one line: is it served, where, and if not why.
        claims: who asks for it, oldest first.
        certificate: None where it has none.
        shard: None where nothing is shared.
        addresses: where it is reached.
        virtual_service: its child, or the shared one; empty where there is none.
        parent: the shared virtual service it hangs on.
        tenant: empty for that of the settings.
        rules, pools, objects: in order.
        waits: what holds something of it up, in words, with what ends that.
        notes: what else is odd about it, and nobody's fault.
        problems: of all its claims.
    """

    host: str
    state: str
    verdict: str
    claims: tuple[ClaimTold, ...] = ()
    certificate: CertificateTold | None = None
    shard: ShardTold | None = None
    addresses: tuple[str, ...] = ()
    virtual_service: str = ""
    parent: str = ""
    tenant: str = ""
    rules: tuple[RuleTold, ...] = ()
    pools: tuple[PoolTold, ...] = ()
    objects: tuple[ObjectTold, ...] = ()
    waits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Fault, ...] = ()


class SourceTold(Struct, frozen=True, omit_defaults=True):
    """One Kubernetes object: is it ours, and what became of what it asks for.

    Attributes:
        source: such as `Ingress/default/shop`.
        is_ours: whether it is processed.
        why: why it is not, or why it is: its class, its namespace, another kind that is served.
        remedy: what would change that.
        created: RFC 3339.
        hosts: the hosts it asks for, and those still served for it, each with its state.
        doubt: why it is not known yet, or not any more, what becomes of it; empty if it is.
        used_by: of a Service, Secret, Namespace or the like: the sources that refer to it.
        problems: what its owner is told.
    """

    source: str
    is_ours: bool
    why: str = ""
    remedy: str = ""
    created: str = ""
    hosts: tuple[tuple[str, str], ...] = ()
    doubt: str = ""
    used_by: tuple[str, ...] = ()
    problems: tuple[Fault, ...] = ()


class Answer(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known about what was asked for.

    Attributes:
        question: as it was asked.
        asked_of: who answers: a running controller, a cluster, or a folder.
        at: when, RFC 3339.
        works: who answers is not one of several replicas that stands by, and works nothing out.
        sources: Kubernetes objects that it is about.
        hosts: hosts and ports that it is about.
        objects: objects on the Controller that it is about.
        near: names that are like it, where nothing is found.
        notes: what of the whole bears on it: the Controller is not read yet, a plan waits to be confirmed.
    """

    question: str
    asked_of: str = ""
    at: str = ""
    works: bool = True
    sources: tuple[SourceTold, ...] = ()
    hosts: tuple[HostTold, ...] = ()
    objects: tuple[ObjectTold, ...] = ()
    near: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        """Say whether anything is known of it."""
        return bool(self.sources or self.hosts or self.objects)
