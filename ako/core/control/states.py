"""What is wanted, and what was there, at one time: kept as JSON without secrets, and compared with what is wanted now.

No secret is in it, nor anything that one could be guessed by: a private key is determined by its certificate, which is
there, and so it is left out; what else is secret by its form, its field or its value is masked before it is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from ako.core.apply.sequence import in_sequence
from ako.core.avi import codec
from ako.core.base.errors import AkoError
from ako.core.base.refs import AviRef, in_words
from ako.core.base.secrecy import Secrecy, without_secret_fields
from ako.core.base.version import version
from ako.core.control.preview import Preview, SettingChange, surroundings
from ako.core.control.reconcile import Reconciler
from ako.core.explain.causes import causes_of
from ako.core.explain.moves import moves_of
from ako.core.hooks.site import CLOUD, CloudFacts
from ako.core.model import FOREIGN_TYPES, WRITTEN_TYPES, AviObject, ForeignObject
from ako.core.model.base import encoded_names
from ako.core.model.extra import extra
from ako.core.model.names import Names
from ako.core.model.tenants import in_tenant
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Plan, plan_changes
from ako.core.settings import LoadedSettings
from ako.core.settings.plain import changed, plain_value
from ako.typed_json import reader

FORM = 1
"""The number of the form that states have; one of another form is not read."""

_TYPES: Mapping[str, type[AviObject]] = {of.avi_type: of for of in (*WRITTEN_TYPES, *FOREIGN_TYPES)}


class Kept(Struct, frozen=True, omit_defaults=True):
    """One Avi object: its fields that are ours, as the Controller calls them; None for one that is to be absent."""

    type: str
    name: str
    fields: dict[str, Any]
    tenant: str = ""


class State(Struct, frozen=True, kw_only=True):
    """What was wanted and what was there.

    Attributes:
        form: what the rest looks like.
        made_by: version of the program that made it.
        cluster: `AKOSettings.clusterName`.
        settings: those that were set, in the users' spelling, without the credentials.
        cloud: what was known of the Avi cloud.
        wanted: every object as it was to be.
        there: every object of ours as it was on the Controller.
    """

    form: int = FORM
    made_by: str
    cluster: str
    settings: dict[str, Any] = {}
    cloud: CloudFacts
    wanted: tuple[Kept, ...]
    there: tuple[Kept, ...]


def state_of(reconciler: Reconciler, loaded: LoadedSettings, secrecy: Secrecy) -> State:
    """Give the state of now.

    Args:
        reconciler: knows what is wanted, and what is there.
        loaded: the settings in force.
        secrecy: what nobody may read.
    """
    wanted = (item for _, tree in reconciler.pipeline.trees.values() for item in tree.objects.values())
    return State(
        made_by=version(),
        cluster=reconciler.settings.ako_settings.cluster_name,
        settings=secrecy.masked_json(_settings(loaded)),
        cloud=reconciler.pipeline.engine.input(CLOUD),
        wanted=tuple(_kept(map(_as_labelled, wanted), secrecy)),
        there=tuple(_kept((seen.object for _, seen in reconciler.observed.items()), secrecy)),
    )


def state_in(text: bytes, place: str) -> State:
    """Read a state that was kept.

    Args:
        text: JSON.
        place: where it is from, for messages.

    Raises:
        AkoError: it is none, or one of another form.
    """
    remedy = "Save the state anew, by `ako plan --save`."
    try:
        form = reader(dict[str, Any]).decode(text).get("form")
        if form != FORM:
            raise AkoError(f"{place} has the form {form!r}, and this version reads {FORM}. {remedy}")
        return reader(State).decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AkoError(f"{place} is no saved state: {error}. {remedy}") from error


def objects_in(kept: Iterable[Kept], cluster: str) -> dict[AviRef, ObservedObject]:
    """Give kept objects as they would be observed.

    Args:
        kept: of a state.
        cluster: `AKOSettings.clusterName`.

    Raises:
        AkoError: an object cannot be read.
    """
    read = (_read(one, cluster) for one in kept)
    return {item.ref: ObservedObject("", item) for item in read}


def compared(reconciler: Reconciler, loaded: LoadedSettings, before: State, secrecy: Secrecy) -> Preview:
    """Give what is wanted otherwise than before, as the plan that makes it so.

    Args:
        reconciler: knows what is wanted now, and has been told what was there before.
        loaded: the settings in force.
        before: the state to compare with.
        secrecy: what nobody may read.
    """
    now, names = state_of(reconciler, loaded, secrecy), Names(before.cluster)
    wanted = {ref: seen.object for ref, seen in objects_in(now.wanted, before.cluster).items()}
    observed, there = Observed(), Observed()
    observed.replace(objects_in(before.wanted, before.cluster))
    there.replace(objects_in(before.there, before.cluster))
    plan = Plan(in_sequence(plan_changes(wanted, dict(observed.items()), names.prefix)))
    around = surroundings(reconciler.pipeline, reconciler.dispatcher, plan, observed)
    found = reconciler.preview()
    return replace(
        found,
        plan=plan,
        held=found.held if plan else Held(),
        causes=causes_of(plan, around),
        moves=moves_of(plan, there),
        reported=(),
        settings=tuple(_set_otherwise(before.settings, now.settings)),
    )


def _settings(loaded: LoadedSettings) -> dict[str, Any]:
    given = (key for key in sorted(changed(loaded)) if not key.startswith("avicredentials."))
    return {key: plain_value(loaded.settings, loaded.keys.by_helm[key]) for key in given}


def _set_otherwise(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[SettingChange]:
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key):
            yield SettingChange(key, before.get(key), now.get(key))


def _as_labelled(item: AviObject) -> AviObject:
    """Give what is wanted of an object of others as it would be in one that holds nothing else."""
    return item.fitted(item.cleared(), {}) if isinstance(item, ForeignObject) else item


def _kept(objects: Iterable[AviObject], secrecy: Secrecy) -> Iterator[Kept]:
    for item in sorted(objects, key=lambda item: item.ref):
        fields = secrecy.masked_json(without_secret_fields(msgspec.json.decode(codec.encode_as_read(_public(item)))))
        yield Kept(item.avi_type, item.name, fields, item.tenant)


def _public(item: AviObject) -> dict[str, Any]:
    """Give the fields that may be read back, those to be absent included."""
    names = {name: encoded for name, encoded in encoded_names(type(item)).items() if name not in _NO_FIELDS}
    values = ((encoded, getattr(item, name)) for name, encoded in names.items() if name not in item.write_only)
    return {encoded: value for encoded, value in values if value is not UNSET} | item.extra_fields


_NO_FIELDS = frozenset({"name", "tenant", "extra", "owner"})


def _read(kept: Kept, cluster: str) -> AviObject:
    of = _TYPES.get(kept.type)
    if of is None:
        raise AkoError(f"the saved state holds a {kept.type}, which this version does not know. Save it anew.")
    try:
        item = codec.decode(msgspec.json.encode({"name": kept.name, **kept.fields}), of)
    except msgspec.MsgspecError as error:
        what = f"{kept.type} {in_words(kept.name, kept.tenant)}"
        raise AkoError(f"{what} in the saved state cannot be read: {error}. Save it anew.") from error
    others = {name: value for name, value in kept.fields.items() if name not in encoded_names(of).values()}
    item = replace(item, extra=extra(others)) if others else item
    item = item.seen_by(cluster) if isinstance(item, ForeignObject) else item
    return in_tenant(item, kept.tenant, Names(cluster).prefix)
