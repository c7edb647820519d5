"""What a browser is given: the page, the picture of all hosts, and what changes in it as it happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from urllib.parse import parse_qs

from ako.core.base.refs import TreeName, in_words
from ako.core.control.assets import INDEX, packaged
from ako.core.control.health_pages import Outlook, Page, Request, Stream, text
from ako.core.control.transfer import is_led_here
from ako.core.overview.rendering import Rendering

MOST_VIEWERS = 8
"""How many are told of changes at the same time: each has a connection that stays."""

RETRY_SECONDS = 10
"""After how long whoever was one too many may try again."""

HEARTBEAT = 5.0
"""Seconds after which a viewer hears something even if nothing changed; a connection that is silent is cut."""

LOOK_SECONDS = 1.0
"""Seconds after which is seen that a viewer has gone."""

LONGEST_VERSION = 18
"""Digits of a version that somebody may have seen; what is longer is none, and costs nothing."""

REST = 0.2
"""Seconds between two events: what changes meanwhile comes in one."""

OFF = "the page is switched off by the setting ako.ui.enabled"

EVENTS = "/api/topology/events"

FILES = "/ui/"
"""Under this are the files that the page is made of."""

Answer = Page | Stream


class Views:
    """Answers for `/ui` and `/api/topology`; any thread may ask.

    Args:
        outlook: what the page is made of.
        masked: takes secrets out of a text.
        clock: seconds, growing.
    """

    def __init__(self, outlook: Outlook, masked: Callable[[str], str], clock: Callable[[], float]) -> None:
        self._outlook = outlook
        self._overview = outlook.overview
        self._rendering = Rendering(outlook.overview, outlook.settings, masked, clock)
        self._seats = threading.BoundedSemaphore(MOST_VIEWERS)
        self._answers: Mapping[str, Callable[[Request], Answer]] = {
            "/ui": lambda _: self._asset(INDEX),
            "/ui/": lambda _: Page(308, "text/plain", b"", {"Location": "../ui"}),
            "/api/topology": lambda _: self._whole(),
            EVENTS: self._events,
            "/api/topology/tree": self._branches,
        }

    @property
    def paths(self) -> tuple[str, ...]:
        """Give the paths that there are, but for those of files that the page is made of."""
        return tuple(path for path in self._answers if not path.endswith("/"))

    def answer_for(self, path: str) -> Callable[[Request], Answer] | None:
        """Give what answers a path; None if nothing does."""
        if path.startswith(FILES) and path not in self._answers:
            return lambda _: self._asset(path.removeprefix(FILES))
        return self._answers.get(path)

    def tidy(self) -> None:
        """Let go of what is kept for viewers, if there were none for a while."""
        self._rendering.let_go()

    def refusal(self, client: str, host: str) -> Page | None:
        """Say why nothing is shown to a client that asks for it by some name; None: it is."""
        if not self._is_on:
            return text(404, OFF)
        if is_led_here(client, host):
            return text(421, f"over the loopback the page is there for localhost alone, not for {host!r}")
        return None

    @property
    def _is_on(self) -> bool:
        return self._outlook.settings().ako.ui.enabled

    @cached_property
    def _assets(self) -> Mapping[str, Page]:
        return packaged()

    def _asset(self, name: str) -> Page:
        return self._assets.get(name) or text(404, f"the page has no file {name!r}")

    def _whole(self) -> Page:
        return Page(200, "application/json", self._rendering.whole(), is_masked=True)

    def _branches(self, request: Request) -> Page:
        given = parse_qs(request.query)
        name, tenant = (given.get(field, [""])[0] for field in ("virtual_service", "tenant"))
        if not name:
            return text(400, "say which one: ?virtual_service=NAME, and &tenant=NAME where that is another one")
        found = self._rendering.branches(TreeName(name, tenant))
        if found is None:
            return text(404, f"no virtual service of ours is called {in_words(name, tenant)}")
        return Page(200, "application/json", found, is_masked=True)

    def _events(self, request: Request) -> Answer:
        if request.method == "HEAD":
            return Page(200, Stream.kind, b"")
        seen = self._seen_by(request)
        if not self._seats.acquire(blocking=False):
            words = f"there are {MOST_VIEWERS} viewers already; try again later"
            return text(503, words, {"Retry-After": str(RETRY_SECONDS)})
        return Stream(self._pieces(seen), self._seats.release)

    def _seen_by(self, request: Request) -> int:
        """Give the version that a viewer has seen; -1 if it has seen none of this process."""
        given = request.headers.get("last-event-id") or parse_qs(request.query).get("since", [""])[0]
        instance, _, version = given.partition(":")
        is_ours = instance == self._rendering.instance and version.isdecimal() and len(version) <= LONGEST_VERSION
        return int(version) if is_ours else -1

    def _pieces(self, seen: int) -> Iterator[bytes]:
        """Give what is sent to a viewer: at once what changed, else nothing now and then, and a sign of life."""
        yield b"retry: 2000\n\n"
        silent = 0.0
        while self._is_on and not self._overview.is_ended:
            if not self._overview.wait_beyond(seen, LOOK_SECONDS):
                silent += LOOK_SECONDS
                is_due = silent >= HEARTBEAT
                silent = 0.0 if is_due else silent
                yield b":\n\n" if is_due else b""
            elif self._is_on and not self._overview.is_ended:
                silent = 0.0
                seen, event = self._event(seen)
                yield event
                self._overview.wait_for_end(REST)

    def _event(self, seen: int) -> tuple[int, bytes]:
        changes = self._rendering.since(seen)
        name, (version, data) = ("change", changes) if changes else ("reset", (self._overview.version, b"{}"))
        return version, f"id: {self._rendering.instance}:{version}\nevent: {name}\ndata: ".encode() + data + b"\n\n"
