"""What goes wrong meanwhile, and how it is known that it hit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ako.testing.kube_api import Fault
from tests.campaign.world import World
from tests.soak.churn import Churn
from tests.soak.subject import SILENCE

PATHS = {
    "ingresses": "/apis/networking.k8s.io/v1/ingresses",
    "ingressclasses": "/apis/networking.k8s.io/v1/ingressclasses",
    "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices",
    "services": "/api/v1/services",
    "secrets": "/api/v1/secrets",
    "namespaces": "/api/v1/namespaces",
}
"""The kinds that are disturbed, and where they are listed and watched."""

OF_THE_WATCH = {"watch broken": "broken", "watch silent": "silent", "version expired (410)": "expired"}
"""Faults that show in what the controller counts, by the word it has for them."""

AVI_STATUSES = (500, 503, 429, 401)


class Faults:
    """Lays down one fault after another, each for a moment, in random order and none left out.

    Attributes:
        hits: how often each fault hit, as far as it is known while it happens.
    """

    def __init__(self, world: World, churn: Churn, rng: random.Random, pause: Callable[[float], None]) -> None:
        self.hits: Counter[str] = Counter()
        self._world, self._churn, self._rng, self._pause = world, churn, rng, pause
        self._token = 0
        self._backup = world.kube.back_up()
        self._watches = 0
        self._waiting: list[str] = []
        self._all: Mapping[str, Callable[[], None]] = {
            "watch broken": self._break,
            "watch silent": self._silence,
            "version expired (410)": self._expire,
            "list expired (410)": lambda: self._refuse("list expired (410)", status=410, watch=False),
            "continue token expired (410)": self._expire_token,
            "token replaced (401)": self._replace_token,
            "forbidden (403)": self._forbid,
            "too many (429)": lambda: self._refuse("too many (429)", status=429, retry_after=1),
            "not served (404)": lambda: self._refuse("not served (404)", status=404),
            "error (500)": lambda: self._refuse("error (500)", status=500),
            "answer lost": lambda: self._refuse("answer lost", drop="after", watch=False),
            "server hangs": self._hang,
            "server restarts": self._restart,
            "server has older data": self._restore,
            "status refused (409)": lambda: self._disturb_statuses("status refused (409)", 409),
            "status lost (503)": lambda: self._disturb_statuses("status lost (503)", 503),
            "Avi answers with an error": self._avi_error,
            "Avi breaks off": self._avi_drop,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Name all faults."""
        return tuple(self._all)

    @property
    def one_round(self) -> int:
        """Say how many there are."""
        return len(self._all)

    def next(self) -> str:
        """Play the next fault; give its name."""
        self._watches = max(self._watches, len(self._world.kube.open_watches))
        if not self._waiting:
            self._waiting = self._rng.sample(sorted(self._all), len(self._all))
        name = self._waiting.pop()
        self._all[name]()
        return name

    def heal(self) -> None:
        """End all that goes wrong."""
        self._world.avi.misbehave(None)
        self._world.kube.clear_faults()
        self._world.kube.up()

    def _kind(self) -> str:
        return self._rng.choice(sorted(PATHS))

    def _break(self) -> None:
        self._world.kube.break_watches()
        self._pause(0.2)

    def _silence(self) -> None:
        """Things go on while nobody is told."""
        self._until(lambda: len(self._world.kube.open_watches) >= self._watches)
        self._world.kube.silence_watches()
        self._churn.work()
        for _ in range(3):  # in any haste
            self._pause(SILENCE)

    def _expire(self) -> None:
        """Have the watches opened anew at versions that are forgotten."""
        self._churn.step()
        self._world.kube.compact()
        self._world.kube.break_watches()
        self._pause(0.3)

    def _expire_token(self) -> None:
        """Forget the past again and again while the pages of a list are asked for."""
        kube = self._world.kube

        def forget() -> None:
            self._churn.step()
            kube.compact()

        with kube.fault(PATHS["ingresses"], "GET", delay=0.05, watch=False) as pages:
            forget()
            kube.break_watches("ingresses")
            self._until(lambda: pages.hits >= 4, forget)

    def _until(self, condition: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait for something that ought to happen, but not for long."""
        for _ in range(150):
            if condition():
                return
            meanwhile()
            self._pause(0.02)

    def _replace_token(self) -> None:
        kube = self._world.kube
        self._token += 1
        kube.set_token(f"token-{self._token}")
        kube.break_watches()
        self._pause(0.2)  # the file comes later than the change
        kube.write_kubeconfig(self._world.kubeconfig)
        self._pause(0.2)

    def _forbid(self) -> None:
        kind = self._kind()
        refusal = self._world.kube.forbid("*", kind)
        self._world.kube.break_watches(kind)
        self._pause(0.3)
        refusal.clear()

    def _refuse(self, name: str, **effect: Any) -> None:
        kube, kind = self._world.kube, self._kind()
        with kube.fault(PATHS[kind], "GET", times=self._rng.randrange(2, 5), **effect) as fault:
            if effect.get("watch") is False:
                self._churn.step()
                kube.compact()
            kube.break_watches(kind)
            self._until(lambda: fault.hits > 0)
            self._pause(0.2)
            self._count(name, fault)

    def _hang(self) -> None:
        kube, kind = self._world.kube, self._kind()
        with kube.fault(PATHS[kind], "GET", hang=True, times=2) as fault:
            kube.break_watches(kind)
            self._until(lambda: fault.hits > 0)
            self._pause(0.2)
            self._count("server hangs", fault)

    def _count(self, name: str, fault: Fault) -> None:
        self.hits[name] += fault.hits

    def _restart(self) -> None:
        self._world.kube.down()
        for _ in range(5):
            self._churn.step()
        self._pause(0.3)
        self._world.kube.up()
        self.hits["server restarts"] += 1

    def _restore(self) -> None:
        """Bring up what was there some faults ago; what came since never was."""
        self._world.kube.down()
        self._pause(0.2)
        self._world.kube.restore(self._backup)
        self._churn.look_again()
        self._world.kube.up()
        self.hits["server has older data"] += 1
        self._backup = self._world.kube.back_up()

    def _disturb_statuses(self, name: str, status: int) -> None:
        with self._world.kube.fault("/apis/networking.k8s.io", "PATCH", status=status, times=3) as fault:
            self._until(lambda: fault.hits > 0, self._churn.work)
            self._count(name, fault)

    def _avi_error(self) -> None:
        status = self._rng.choice(AVI_STATUSES)
        when = self._rng.choice(("before", "after")) if status in {500, 503} else "before"
        self._avi("Avi answers with an error", {"status": status, "when": when})

    def _avi_drop(self) -> None:
        self._avi("Avi breaks off", {"drop": True, "when": self._rng.choice(("before", "after"))})

    def _avi(self, name: str, effect: dict[str, Any]) -> None:
        match = {"method": self._rng.choice(("POST", "DELETE"))}
        self._world.avi.misbehave({"match": match, **effect, "times": self._rng.randrange(1, 4)})
        self._until(self._world.avi.has_struck, self._churn.work)
        self.hits[name] += self._world.avi.has_struck()
        self._world.avi.misbehave(None)

    def all_hits(self, ends: Mapping[str, int]) -> Mapping[str, int]:
        """Give how often each fault hit, with what the controller and both servers counted."""
        hits = {name: self.hits[name] for name in self._all}
        hits.update({name: ends.get(end, 0) for name, end in OF_THE_WATCH.items()})
        asked = self._world.kube.requests
        hits["continue token expired (410)"] = sum(r.status == 410 and "continue=" in r.query for r in asked)
        hits["token replaced (401)"] = sum(r.status == 401 for r in asked)
        hits["forbidden (403)"] = sum(r.status == 403 for r in asked)
        return hits
