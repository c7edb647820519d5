"""What an operator tells a running controller, and what it tells the operator.

Settings come from ConfigMap, Secret and files and are an input like any other; `deleteConfig` and the confirmation of a
large deletion are among them. What the operator should know goes into the log and onto the ConfigMap as Events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.log import set_level
from ako.core.base.moment import rfc3339_now
from ako.core.base.tally import Since
from ako.core.control.blind import Reopening
from ako.core.control.bulletin import Bulletin
from ako.core.control.confirmation import why_apart, why_held
from ako.core.control.delete_config import DeleteConfig
from ako.core.control.own_objects import OwnObjects, OwnStatefulSet, why_anonymous, why_unselected
from ako.core.control.reconcile import Reconciler
from ako.core.control.world import World
from ako.core.hooks.selection import why_needed
from ako.core.hooks.site import unserved_domain
from ako.core.kube.errors import KubeError
from ako.core.kube.sight import WatchReport
from ako.core.observe.assignment import told
from ako.core.observe.full_sync import FullSync
from ako.core.overview.activity import DriftTold
from ako.core.plan.plan import Create, Update
from ako.core.plan.proposal import Drift
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import ConfigTexts, LoadedSettings, Settings, SettingsError, waiting_for_a_start

_log = logging.getLogger(__name__)


_MOST_TROUBLES = 3
"""How many of the things that the Controller would not do are named."""

_ANSWERS = {"repair": ("DriftRepaired", "repaired"), "report": ("DriftDetected", "left as it is (ako.drift.policy)")}


class SettingsStanding(Struct, frozen=True):
    """Whether the settings in force are those that ConfigMap, Secret and files say.

    Attributes:
        in_force: they are; None as long as it is not known what these say.
        rejected_at: since when what they say cannot be used, in seconds since 1970; 0: it can.
        waits: some of it takes effect at the next start only.
    """

    in_force: bool | None = None
    rejected_at: float = 0.0
    waits: bool = False


class Governance:
    """Follows the operator's wishes and keeps the operator informed; runs on the thinking thread."""

    def __init__(self, loaded: LoadedSettings, reconciler: Reconciler, desk: StatusDesk, world: World) -> None:
        self.on_drift: Callable[[DriftTold], None] = lambda _: None
        """Is told of each object that somebody else changed."""
        self._reconciler = reconciler
        self._desk = desk
        self._world = world
        self.own = OwnObjects(world.namespace, reconciler.pipeline.store, world.secret)
        self._begun_with = loaded.settings
        self._rejected = Since(world.pace.now)
        self.standing = SettingsStanding()
        self._seen: object = None
        self._files: ConfigTexts | None = None
        self._warned, self._noted = loaded.warnings, loaded.notes
        self._stateful_set: OwnStatefulSet | None = None
        self._is_deletion_told = True
        self._namesakes: dict[str, str] = {}
        self.bulletin = Bulletin(self.own.config_map_ref, desk.announce, world.pace.clock)
        self.bulletin.writes_normal = loaded.settings.ako_settings.enable_events
        self._reopening = Reopening(lambda event: desk.announce(self.own.config_map_ref, event))
        self.delete_config = DeleteConfig(world.pace.clock, rfc3339_now)
        reconciler.confirm(world.confirmed)
        self._follow_delete_config(loaded.settings)

    def take_files(self, files: ConfigTexts) -> None:
        """Note what the files of `--config` hold now."""
        self._files = files

    def reload(self) -> Settings | None:
        """Give settings that differ from those in force; None if there are none, or they cannot be used.

        As long as ConfigMap and Secret are not known they count as they did at the start: files are followed all the
        same.
        """
        is_known = self.own.is_known()
        if is_known:
            self._reconciler.confirm(self._confirmed)
        elif self._files is None:
            return None
        given = ((self.own.config_map(), self.own.secret()) if is_known else None, self._files)
        if given == self._seen:
            return None
        self._seen = given
        try:
            loaded = self._world.reload(self.own.settings() if is_known else None, self._files)
        except (SettingsError, KubeError) as error:
            self._reject()
            self.bulletin.warn("settings", "InvalidConfiguration", f"the settings in force stay: {_on_one_line(error)}")
            return None
        if loaded.settings.ako_settings.cluster_name != self._reconciler.settings.ako_settings.cluster_name:
            self._reject()
            self.bulletin.warn(
                "settings",
                "InvalidConfiguration",
                f"the settings in force stay: AKOSettings.clusterName ({loaded.origins['AKOSettings.clusterName']}) "
                "names every object of ours and cannot change "
                "while they exist; set deleteConfig, wait until it is done, then change the name and restart.",
            )
            return None
        self.bulletin.settle("settings", "ValidatedUserInput", "the settings can be used again")
        waiting = waiting_for_a_start(self._begun_with, loaded.settings)
        self._accept(waits=bool(waiting))
        self._warn_of(loaded)
        if loaded.settings == self._reconciler.settings:
            return None
        self._tell_what_waits(waiting)
        set_level(loaded.settings.ako_settings.log_level)
        self.bulletin.writes_normal = loaded.settings.ako_settings.enable_events
        self._follow_delete_config(loaded.settings)
        return loaded.settings

    def _reject(self) -> None:
        """Note that what ConfigMap, Secret and files say cannot be used."""
        self.standing = replace(self.standing, in_force=False, rejected_at=self._rejected.note(is_so=True))

    def _accept(self, *, waits: bool) -> None:
        """Note that what they say is in force, or that some of it waits for the next start."""
        self.standing = SettingsStanding(in_force=True, rejected_at=self._rejected.note(is_so=False), waits=waits)

    def _warn_of(self, loaded: LoadedSettings) -> None:
        """Tell what has no effect, as at the start: what was told of the settings before is not told again."""
        for warning in loaded.warnings:
            if warning not in self._warned:
                _log.warning("%s", warning)
        for note in loaded.notes:
            if note not in self._noted:
                _log.debug("%s", note)
        self._warned, self._noted = loaded.warnings, loaded.notes

    def _tell_what_waits(self, keys: Sequence[str]) -> None:
        are = "was changed and takes" if len(keys) == 1 else "were changed and take"
        wait = f"{', '.join(keys)} {are} effect at the next start" if keys else ""
        self.bulletin.follow("start", wait, ("RestartNeeded", "RestartNotNeeded"), "all settings are in effect")

    def follow(self, full_sync: FullSync, watches: Sequence[WatchReport]) -> None:
        """After a pass: see how far a deletion is, and say what the operator should know."""
        self._reopening.follow(watches)
        self._tell_deletion()
        if self.delete_config.is_active and self._reconciler.is_observed:
            left = len(self._reconciler.left())
            is_quiet = self._reconciler.is_idle and self._desk.is_idle and not full_sync.is_owed
            is_quiet = is_quiet and not self._reconciler.tenants.is_owed
            is_news, progress = self.delete_config.advance(left, is_quiet=is_quiet), self.delete_config.progress
            if is_news and progress is not None:
                self.bulletin.note(f"AKODeleteConfig{progress.reason}", progress.message)
        self._write_condition()
        self._tell(full_sync)

    def _follow_delete_config(self, settings: Settings) -> None:
        is_wanted = settings.ako_settings.delete_config
        if self.delete_config.set(is_wanted=is_wanted):
            self._is_deletion_told = False  # it is when the work begins: who only looks tells nobody
            self._reconciler.delete_everything(is_wanted=is_wanted)

    def _tell_deletion(self) -> None:
        if not self._is_deletion_told:
            self._is_deletion_told, is_wanted = True, self.delete_config.is_active
            reason, text = ("Set", "everything of ours is deleted") if is_wanted else ("Unset", "synchronising again")
            self.bulletin.note(f"AKODeleteConfig{reason}", f"deleteConfig is {str(is_wanted).lower()}: {text}")

    def _write_condition(self) -> None:
        before, stateful_set = self._stateful_set, self.own.stateful_set()
        if stateful_set is not before:
            self._stateful_set = stateful_set
            self._desk.seen((self.own.stateful_set_ref,))
        if stateful_set is not None:
            version = stateful_set.metadata.resource_version
            self._desk.write(self.own.stateful_set_ref, self.delete_config.status_patch(stateful_set), version)

    def _tell(self, full_sync: FullSync) -> None:
        reconciler, bulletin = self._reconciler, self.bulletin
        if full_sync.failures:
            text = f"{full_sync.failure}; trying again"
            bulletin.warn("sync", full_sync.reason, text, is_in_log=full_sync.is_loss)
        elif full_sync.count:
            bulletin.settle("sync", "AviRecovered", "the Avi Controller can be read again")
        for drift in reconciler.take_drift():
            reason, done = _ANSWERS[drift.action]
            words = f"{drift.ref!r} was {_what_happened(drift)} by somebody else; {done}."
            bulletin.say(reason, words)
            what = "repaired" if drift.action == "repair" else "left"
            self.on_drift(DriftTold(repr(drift.ref), drift.fields, what, rfc3339_now(), words))
        self._tell_namesakes()
        self._tell_selection()
        settled = "nothing waits for being confirmed any more"
        bulletin.follow("guard", self._what_waits(), ("DeletionGuard", "DeletionConfirmed"), settled)
        settled = "every tenant that Namespaces name can be read"
        bulletin.follow("tenants", "; ".join(reconciler.tenants.faults), ("TenantUnknown", "TenantKnown"), settled)
        troubles = reconciler.dispatcher.troubles
        more = f"; and {len(troubles) - _MOST_TROUBLES} more" if len(troubles) > _MOST_TROUBLES else ""
        trouble = "; ".join(troubles[:_MOST_TROUBLES]) + more
        fault = f"the Avi Controller will not do what is asked for, trying again: {trouble}" if trouble else ""
        bulletin.follow("forbidden", fault, ("AviForbidden", "AviRecovered"), "the Avi Controller does it again")
        if reconciler.is_observed:
            fault, settled = reconciler.pipeline.engine.ask(unserved_domain), "the cloud serves the default domain"
            bulletin.follow("domain", fault, ("DefaultDomainNotServed", "DefaultDomainServed"), settled)
        ending = "" if reconciler.is_deleting else reconciler.expiries.soon(self._world.pace.now())
        settled = "no certificate of a host will expire within 7 days"
        bulletin.follow("certificates", ending, ("CertificateExpiresSoon", "CertificatesRenewed"), settled)
        settled = "every host is on the shard that the settings give it"
        bulletin.follow("shards", told(reconciler.elsewhere), ("Resharding", "Resharded"), settled)

    def _tell_namesakes(self) -> None:
        """Tell each other cluster of our name once, however its objects come and go."""
        there = {namesake.uid: namesake for namesake in self._reconciler.namesakes}
        for uid in [uid for uid in self._namesakes if uid not in there]:
            del self._namesakes[uid]
            self.bulletin.settle(uid, "NamesakeGone", f"nothing of the cluster {uid} is left alone any more")
        for uid, namesake in there.items():
            self.bulletin.warn(uid, "Namesake", self._namesakes.setdefault(uid, why_apart(namesake)))
        fault = why_anonymous(self._reconciler.pipeline.store)
        text = (
            "what is written cannot be marked as of this cluster, another of its name not be told, and annotations of "
            f"Namespaces not be seen: {fault}"
        )
        settled = "what is written is marked as of this cluster"
        self.bulletin.follow("identity", text if fault else "", ("ClusterUnknown", "ClusterKnown"), settled)

    def _tell_selection(self) -> None:
        """Tell that it is not known which namespaces are selected, or in which tenants, where that is asked for."""
        reconciler, fault = self._reconciler, ""
        needed = why_needed(reconciler.settings)
        if needed and reconciler.is_informed:
            fault = why_unselected(reconciler.pipeline.store)
        text = f"{needed}, {fault}" if fault else ""
        settled = "Namespaces can be read"
        self.bulletin.follow("selection", text, ("NamespacesUnknown", "NamespacesKnown"), settled)

    def _what_waits(self) -> str:
        held, confirmed = self._reconciler.held, self._confirmed
        if not held:
            return ""
        other = f" The plan that is confirmed, {confirmed}, is another one." if confirmed else ""
        return f"{why_held(held)} Nothing of it is done.{other}"

    @property
    def _confirmed(self) -> str:
        """Give the id of the plan that the operator confirmed, empty for none."""
        return self.own.confirmed_plan() or self._world.confirmed


def _on_one_line(error: Exception) -> str:
    head, *faults = map(str.strip, str(error).splitlines())
    return f"{head}: {'; '.join(faults)}" if faults else head


def _what_happened(drift: Drift) -> str:
    if drift.operation is Update:
        return f"changed ({', '.join(drift.fields)})"
    return "deleted" if drift.operation is Create else "made"
