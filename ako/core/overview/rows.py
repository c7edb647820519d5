"""What one host, one virtual service and one fault of a user are in the picture of all: rows, from immutable values.

Pure. They are made for whoever looks, on threads of the server: the thinking thread only keeps what they are made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ako.core.assemble.tree import PlacedHost, Tree
from ako.core.base.refs import ObjectRef, TreeName
from ako.core.hooks.claims import PortClaim
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.core.hooks.translation import HostModel, ParentTemplate
from ako.core.model import Pool
from ako.core.model.names import Names

MOST_HOSTS = 20
"""How many hosts are named with one fault."""

_BEST = (HostState.LIVE, HostState.KEPT, HostState.PENDING, HostState.REJECTED)


class Entry(Struct, frozen=True, eq=False):
    """What the row of a host or of a port claim is made of.

    Attributes:
        told: what its sources were told of it, in their order.
        model: what was made of it; None where nothing is wanted any more.
    """

    told: tuple[tuple[ObjectRef, HostOutcome], ...]
    model: HostModel | None

    def __eq__(self, other: object) -> bool:
        """Compare models by identity: they are large, and one that is no other stays the same object."""
        return isinstance(other, Entry) and self.model is other.model and self.told == other.told

    __hash__ = None  # type: ignore[assignment]


class Row(Struct, frozen=True, array_like=True):
    """A host or a port claim; as JSON an array.

    Attributes:
        id: what to ask for: the host name, or the source of a port claim.
        host: the host name, as it is written; empty for ports without one.
        kind: `host` or `port`.
        state: `live`, `pending`, `kept` or `rejected`: the best of all its sources.
        namespaces, sources: of whoever asks for it.
        virtual_service: which one listens for it; empty while there is none.
        tenant: of that; empty for that of the settings.
        shard: number of that, if it is a shared one.
        addresses: where it is reached.
        tls: `terminated`, `passthrough`, or empty.
        pools, servers: how many it has by what is declared.
        problems: how many faults of it stand.
    """

    id: str
    host: str
    kind: str
    state: str
    namespaces: tuple[str, ...]
    sources: tuple[str, ...]
    virtual_service: str
    tenant: str
    shard: int | None
    addresses: tuple[str, ...]
    tls: str
    pools: int
    servers: int
    problems: int


COLUMNS = Row.__struct_fields__


class Listener(Struct, frozen=True, eq=False):
    """What the row of a virtual service is made of: its tree, its addresses, and whether it is on the Controller."""

    tree: Tree
    addresses: tuple[str, ...]
    is_there: bool

    def __eq__(self, other: object) -> bool:
        """Compare trees by identity, as models are."""
        if not isinstance(other, Listener):
            return NotImplemented
        return self.tree is other.tree and (self.addresses, self.is_there) == (other.addresses, other.is_there)

    __hash__ = None  # type: ignore[assignment]


class VirtualServiceRow(Struct, frozen=True):
    """A virtual service that listens: a shared one, or one of its own.

    Attributes:
        name, tenant: its identity.
        addresses: where it listens.
        hosts: how many hosts and port claims it serves.
        state: `live`, `pending`, or `unused` where it serves nobody.
        kind: `shared`, `own` or `passthrough`.
        shard: its number, if it is a shared one.
    """

    name: str
    tenant: str
    addresses: tuple[str, ...]
    hosts: int
    state: str
    kind: str
    shard: int | None


class ProblemRow(Struct, frozen=True):
    """A fault of a user.

    Attributes:
        about: the object whose owner must act.
        reason, message, remedy: as its owner is told.
        hosts: what the object asks for, as ids of rows, up to a bound.
        hosts_in_all: how many that are.
    """

    about: str
    reason: str
    message: str
    remedy: str
    hosts: tuple[str, ...]
    hosts_in_all: int


def asked_as(ref: ObjectRef) -> str:
    """Give an object as it is asked for: `Ingress/default/shop`."""
    return f"{ref.kind.name}/{ref.namespaced_name}"


def by_row(ref: ObjectRef, hosts: Sequence[HostOutcome]) -> Mapping[str, HostOutcome]:
    """Give what an object was told, by the ids of the rows that it belongs to; of two for one row the better."""
    found: dict[str, HostOutcome] = {}
    for host in hosts if len(hosts) == 1 else sorted(hosts, key=_rank, reverse=True):
        if row_id := asked_as(ref) if host.is_port else host.host.lower():
            found[row_id] = host
    return found


def ids_of(placed: PlacedHost) -> tuple[str, ...]:
    """Give the rows of what is in a tree: of a host one, of ports that share an address one for each source."""
    return (placed.key,) if isinstance(placed.key, str) else tuple(map(asked_as, placed.sources))


def _rank(host: HostOutcome) -> int:
    return _BEST.index(host.state)


def row_of(row_id: str, entry: Entry, names: Names) -> Row:
    """Give the row of a host or a port claim."""
    best = min((host for _, host in entry.told), key=_rank)
    tree, model = _tree_of(best, entry.model), entry.model
    pools = (
        [item for item in model.translation.objects if isinstance(item, Pool)] if model and model.translation else ()
    )
    sources = [ref for ref, _ in entry.told]
    return Row(
        id=row_id,
        host=best.host,
        kind="port" if best.is_port else "host",
        state=best.state.value,
        namespaces=tuple(sorted({ref.namespace for ref in sources})),
        sources=tuple(dict.fromkeys(map(asked_as, sources))),
        virtual_service=tree.name,
        tenant=tree.tenant,
        shard=shard_in(tree, names),
        addresses=best.addresses,
        tls=_tls_of(model),
        pools=len(pools),
        servers=sum(len(pool.servers) for pool in pools),
        problems=len(_faults(entry)),
    )


def _tree_of(best: HostOutcome, model: HostModel | None) -> TreeName:
    return best.tree or (model.tree if model else TreeName(""))


def _tls_of(model: HostModel | None) -> str:
    if model is None or isinstance(model.virtual_host, PortClaim):
        return ""
    if model.virtual_host.secure:
        return "terminated"
    return "passthrough" if model.virtual_host.passthrough else ""


def _faults(entry: Entry) -> set[tuple[ObjectRef, str]]:
    """Give the faults that are this host's: those that settling found, and why it is not served."""
    found = {(problem.source, problem.message) for problem in entry.model.problems} if entry.model else set()
    unserved = ((ref, host) for ref, host in entry.told if host.state in {HostState.REJECTED, HostState.KEPT})
    return found | {(ref, host.reason) for ref, host in unserved if host.reason}


def shard_in(tree: TreeName, names: Names) -> int | None:
    """Give the number in the name of a shared virtual service; None if it is no such name."""
    for stem in (names.shared_stem, names.passthrough_stem):
        number = tree.name.removeprefix(stem)
        if number != tree.name and number.isdecimal():
            return int(number)
    return None


def listener_row(listener: Listener, names: Names) -> VirtualServiceRow:
    """Give the row of a virtual service."""
    tree = listener.tree
    is_shared = isinstance(tree.parent, ParentTemplate)
    is_passthrough = tree.name.name.startswith(names.passthrough_stem)
    state = "live" if listener.is_there and listener.addresses else "pending"
    return VirtualServiceRow(
        name=tree.name.name,
        tenant=tree.name.tenant,
        addresses=listener.addresses,
        hosts=len(tree.hosts),
        state=state if tree.hosts else "unused",
        kind="passthrough" if is_passthrough else "shared" if is_shared else "own",
        shard=shard_in(tree.name, names),
    )


def problem_rows(ref: ObjectRef, outcome: Outcome) -> Iterator[ProblemRow]:
    """Give the faults that an object's owner is told."""
    ids = tuple(sorted(by_row(ref, outcome.hosts)))
    for problem in outcome.problems:
        about, named = asked_as(ref), ids[:MOST_HOSTS]
        yield ProblemRow(about, problem.reason, problem.message, problem.remedy, named, len(ids))
