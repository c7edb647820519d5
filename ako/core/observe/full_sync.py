"""Full sync: reads the cloud and everything of ours on the Controller, at start and then from time to time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from msgspec import Struct

from ako.core.avi.errors import AviAuthError, AviError, AviRejected, AviUnreachable
from ako.core.avi.line import Line
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Backoff, Pace
from ako.core.base.doing import Count, Counting
from ako.core.base.outages import Seldom
from ako.core.base.refs import AviRef
from ako.core.hooks.site import CloudFacts
from ako.core.model.extra import NOTHING, Declared
from ako.core.model.names import Names
from ako.core.observe.cloud import InvalidInput, read_cloud, rights_required
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import Reading, observe_all, observe_foreign
from ako.core.observe.tenants import InTenants, Sought, observe_tenants
from ako.core.settings import Settings

_log = logging.getLogger(__name__)


CALM_FOR_EACH_SECOND = 10.0
"""Seconds without another full sync for each second that one took, if nothing but suspicion asks for it."""


class Observation(Struct, frozen=True):
    """What was read in one full sync."""

    cloud: CloudFacts
    objects: Mapping[AviRef, ObservedObject]
    tenants: InTenants = InTenants()


class _Calm:
    """How soon after a full sync another one may follow that nothing but suspicion asks for.

    Where one suspicion follows the other it becomes rarer, until a full sync is due by itself.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._backoff = Backoff(pace)
        self._began = self._until = float("-inf")
        self.is_suspected = False

    def soonest(self) -> float:
        """Give the time for one that suspicion asks for."""
        self.is_suspected = True
        return max(self._pace.clock(), self._until)

    def begin(self) -> None:
        """Note that one begins."""
        self._began = self._pace.clock()

    def end(self) -> None:
        """Note that one has ended."""
        if not self.is_suspected:
            self._backoff.succeeded()
        grown = self._backoff.failed() if self.is_suspected else 0.0
        self.is_suspected = False
        now = self._pace.clock()
        self._until = now + max(self._pace.calm, grown, CALM_FOR_EACH_SECOND * (now - self._began))


class FullSync:
    """Reads on a thread of its own when it is due, and hands over what it read; failures are retried with back-off.

    Args:
        line: to the Controller.
        settings: what to read and how often.
        pace: time, and when to try again.
        post: has the thinking thread run something; all state here belongs to that thread.
        declared: what plugins say of Avi objects.
    """

    def __init__(
        self,
        line: Line,
        settings: Settings,
        pace: Pace,
        post: Callable[[Callable[[], None]], None],
        declared: Declared = NOTHING,
    ) -> None:
        self._line = line
        self._settings = settings
        self._pace = pace
        self._post = post
        self._declared = declared
        self._is_running = False
        self._is_asked_for = False
        self._is_input_invalid = False
        self.needs_mending = False
        """Whether settings or credentials are wrong, so that trying again helps only once somebody has mended them."""
        self.is_loss = False
        """Whether the last one failed because the Controller cannot be reached, which its session tells."""
        self._due: float | None = pace.clock()
        self._calm = _Calm(pace)
        self._lines = Seldom[str](pace.clock)
        self.failures = 0
        self.failure = "the Avi Controller has not been read yet"
        self.count = 0
        self.failed_count = 0
        self.succeeded_at = 0.0
        """When the last one of this Controller had come to its end, in seconds since 1970; 0: none has."""
        self.seconds = 0.0
        """How long that took."""
        self.was_suspicion = False
        """Whether nothing but suspicion asked for it."""
        self._began = 0.0
        self._count = Count()

    @property
    def reading(self) -> Count | None:
        """Give how many objects are read of how many; None while nothing is read. Any thread may ask."""
        return self._count if self._is_running else None

    @property
    def next_due(self) -> float | None:
        """Give the time of the next one; None while one is under way, or if there are no more."""
        return None if self._is_running else self._due

    def start_if_due(self, begin: Callable[[], Sought], done: Callable[[Observation], None]) -> None:
        """Start if it is time; `begin` gives what is looked for before anything is read, `done` takes what was."""
        if self._is_running or self._due is None or self._due > self._pace.clock():
            return
        self._is_running, self._is_asked_for = True, False
        self._began, self.was_suspicion = self._pace.clock(), self._calm.is_suspected
        self._calm.begin()
        self._count = Count()
        self._line.sync.submit(self._read, self._line, self._settings, begin(), self._count, done)

    @property
    def is_owed(self) -> bool:
        """Say whether the Controller has not been read yet by the settings in force, or the last try failed."""
        return self._is_asked_for or self._is_running or bool(self.failures)

    @property
    def reason(self) -> str:
        """Give the word for what is wrong, for Events."""
        return "InvalidConfiguration" if self._is_input_invalid else "AviUnreachable"

    def use(self, line: Line, settings: Settings) -> None:
        """Read over this line by these settings from now on, and soon; nothing on another line is waited for."""
        if line is not self._line:
            self._is_running, self.succeeded_at, self.seconds = False, 0.0, 0.0
        self._line, self._settings = line, settings
        self.request()

    def request(self) -> None:
        """Have one at once; one that is under way may have read too early, so that another one follows it."""
        self._due, self._is_asked_for = self._pace.clock(), True

    def suspect(self) -> None:
        """Have one soon: the Controller may not be what it was.

        However often that is said, reading takes a small part of the time. One that is under way sees for itself, and
        one that is tried again comes anyway.
        """
        if not self._is_running and not self.failures:
            soonest = self._calm.soonest()
            self._due = soonest if self._due is None else min(self._due, soonest)

    def _read(
        self, line: Line, settings: Settings, sought: Sought, count: Counting, done: Callable[[Observation], None]
    ) -> None:
        session, names = line.session, Names(settings.ako_settings.cluster_name)
        try:
            with rights_required(session, settings):
                cloud = read_cloud(session, settings)
                returns = session.returns
                place = settings.controller_settings.cloud_name
                known = (ref for ref in sought.known if not ref.tenant)
                reading = Reading(declared=self._declared, count=count)
                objects = dict(observe_all(session, names, place, line.requests, known, reading))
                tenants = observe_tenants(session, names, place, line.requests, sought, reading)
                objects.update(self._observe_foreign(session, cloud, settings, names))
        except (AviError, InvalidInput) as error:
            failure = error
            self._post(lambda: self._failed(line, failure))
        except Exception as error:  # noqa: BLE001 - a full sync that never ends would be the last one
            _log.exception("the full sync failed")
            unusable = AviUnreachable(f"what it holds cannot be read: {error}")
            self._post(lambda: self._failed(line, unusable))
        else:
            observation = Observation(cloud, {**objects, **tenants.objects}, tenants)
            is_torn = session.returns != returns
            self._post(lambda: self._succeeded(line, observation, done, is_torn=is_torn))

    def _observe_foreign(
        self, session: AviSession, cloud: CloudFacts, settings: Settings, names: Names
    ) -> Mapping[AviRef, ObservedObject]:
        """Read what holds our static routes, or may hold some from before when everything is to go."""
        if not (settings.programs_static_routes or settings.ako_settings.delete_config):
            return {}
        controller = settings.controller_settings
        group = AviRef("serviceenginegroup", controller.service_engine_group_name, cloud.tenant)
        foreign = (AviRef("vrfcontext", cloud.vrf, cloud.tenant), group)
        try:
            return observe_foreign(session, names, controller.cloud_name, foreign, self._warn)
        except AviRejected as error:
            if settings.programs_static_routes:
                raise
            self._warn(f"static routes of ours may be left from before: {error}")
            return {}

    def _warn(self, text: str) -> None:
        """Tell what each full sync finds again, at first and then seldom."""
        level = logging.DEBUG if self._lines.happened(text) is None else logging.WARNING
        _log.log(level, "%s", text)

    def _failed(self, line: Line, error: AviError | InvalidInput) -> None:
        if line is not self._line:
            return  # it was another Controller that was asked
        self._is_running = False
        self.failures += 1
        self.failed_count += 1
        self._due = self._pace.clock() + self._pace.wait(self.failures, getattr(error, "retry_after", None) or 0.0)
        self._is_input_invalid = isinstance(error, InvalidInput)
        self.needs_mending = isinstance(error, (InvalidInput, AviAuthError))
        self.is_loss = isinstance(error, AviError) and error.is_loss
        self.failure = str(error) if self._is_input_invalid else f"Avi Controller: {error}"

    def _succeeded(
        self, line: Line, observation: Observation, done: Callable[[Observation], None], *, is_torn: bool
    ) -> None:
        if line is not self._line:
            return  # it was another Controller that was read
        self._is_running, self.failures, self.failure = False, 0, ""
        self.needs_mending = False
        self.count += 1
        self.succeeded_at, self.seconds = self._pace.now(), self._pace.clock() - self._began
        now, every = self._pace.clock(), self._settings.ako_settings.full_sync_frequency
        self._calm.end()
        self._due = now + every if every else None
        if self._is_asked_for:
            self._due = now
        elif is_torn or observation.tenants.is_awaited:
            # The Controller came back in the midst, and a part may be of what it was before; or a tenant may come.
            self.suspect()
        done(observation)
