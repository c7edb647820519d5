"""Full sync: reads the cloud and everything of ours on the Controller, at start and then from time to time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor

from msgspec import Struct

from ako.core.avi.errors import AviAuthError, AviError, AviRejected, AviUnreachable
from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef
from ako.core.hooks.site import CloudFacts
from ako.core.model.names import Names
from ako.core.observe.cloud import InvalidInput, read_cloud, rights_required
from ako.core.observe.observed import ObservedObject
from ako.core.observe.reader import observe_all, observe_foreign
from ako.core.settings import Settings

_log = logging.getLogger(__name__)


class Observation(Struct, frozen=True):
    """What was read in one full sync."""

    cloud: CloudFacts
    objects: Mapping[AviRef, ObservedObject]


class FullSync:
    """Reads on a thread of its own when it is due, and hands over what it read; failures are retried with back-off.

    Args:
        session: to the Controller.
        settings: what to read and how often.
        pages: pool whose threads read the lists of the types in parallel.
        pace: time, and when to try again.
        post: has the thinking thread run something; all state here belongs to that thread.
    """

    def __init__(
        self,
        session: AviSession,
        settings: Settings,
        pages: Executor,
        pace: Pace,
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        self._session = session
        self._settings = settings
        self._pages = pages
        self._pace = pace
        self._post = post
        self._thread = ThreadPoolExecutor(1, "sync")
        self._is_running = False
        self._is_asked_for = False
        self._is_input_invalid = False
        self.needs_mending = False
        """Whether settings or credentials are wrong, so that trying again helps only once somebody has mended them."""
        self._due: float | None = pace.clock()
        self.failures = 0
        self.failure = "the Avi Controller has not been read yet"
        self.count = 0

    @property
    def next_due(self) -> float | None:
        """Give the time of the next one; None while one is under way, or if there are no more."""
        return None if self._is_running else self._due

    def start_if_due(self, begin: Callable[[], None], done: Callable[[Observation], None]) -> None:
        """Start if it is time; `begin` is called before anything is read, `done` with what was."""
        if self._is_running or self._due is None or self._due > self._pace.clock():
            return
        self._is_running, self._is_asked_for = True, False
        begin()
        self._thread.submit(self._read, self._session, self._settings, done)

    @property
    def is_owed(self) -> bool:
        """Say whether the Controller has not been read yet by the settings in force, or the last try failed."""
        return self._is_asked_for or self._is_running or bool(self.failures)

    @property
    def reason(self) -> str:
        """Give the word for what is wrong, for Events."""
        return "InvalidConfiguration" if self._is_input_invalid else "AviUnreachable"

    def use(self, session: AviSession, settings: Settings) -> None:
        """Read with this session by these settings from now on, and soon."""
        self._session, self._settings = session, settings
        self.request()

    def request(self) -> None:
        """Have one at once; one that is under way may have read too early, so that another one follows it."""
        self._due, self._is_asked_for = self._pace.clock(), True

    def close(self) -> None:
        """Wait for one that is under way."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _read(self, session: AviSession, settings: Settings, done: Callable[[Observation], None]) -> None:
        names = Names(settings.ako_settings.cluster_name)
        try:
            with rights_required(settings):
                cloud = read_cloud(session, settings)
                place = settings.controller_settings.cloud_name
                objects = dict(observe_all(session, names, place, self._pages))
                objects.update(self._observe_foreign(session, cloud, settings, names))
        except (AviError, InvalidInput) as error:
            failure = error
            self._post(lambda: self._failed(session, failure))
        except Exception as error:  # noqa: BLE001 - a full sync that never ends would be the last one
            _log.exception("the full sync failed")
            unusable = AviUnreachable(f"what it holds cannot be read: {error}")
            self._post(lambda: self._failed(session, unusable))
        else:
            observation = Observation(cloud, objects)
            self._post(lambda: self._succeeded(session, observation, done))

    @staticmethod
    def _observe_foreign(
        session: AviSession, cloud: CloudFacts, settings: Settings, names: Names
    ) -> Mapping[AviRef, ObservedObject]:
        """Read what holds our static routes, or may hold some from before when everything is to go."""
        if not (settings.programs_static_routes or settings.ako_settings.delete_config):
            return {}
        controller = settings.controller_settings
        group = AviRef("serviceenginegroup", controller.service_engine_group_name)
        foreign = (AviRef("vrfcontext", cloud.vrf), group)
        try:
            return observe_foreign(session, names, controller.cloud_name, foreign)
        except AviRejected as error:
            if settings.programs_static_routes:
                raise
            _log.warning("static routes of ours may be left from before: %s", error)
            return {}

    def _failed(self, session: AviSession, error: AviError | InvalidInput) -> None:
        self._is_running = False
        if session is not self._session:
            return  # another one is due already
        self.failures += 1
        self._due = self._pace.clock() + self._pace.wait(self.failures, getattr(error, "retry_after", None) or 0.0)
        self._is_input_invalid = isinstance(error, InvalidInput)
        self.needs_mending = isinstance(error, (InvalidInput, AviAuthError))
        self.failure = str(error) if self._is_input_invalid else f"Avi Controller: {error}"

    def _succeeded(self, session: AviSession, observation: Observation, done: Callable[[Observation], None]) -> None:
        if session is not self._session:
            self._is_running = False
            return  # it was another Controller that was read
        self._is_running, self.failures, self.failure = False, 0, ""
        self.needs_mending = False
        self.count += 1
        every = self._settings.ako_settings.full_sync_frequency
        if self._is_asked_for:
            self._due = self._pace.clock()
        else:
            self._due = self._pace.clock() + every if every else None
        done(observation)
