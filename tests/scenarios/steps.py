"""The steps of a scenario, carried out one after the other against the running product."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from urllib3.exceptions import HTTPError

from tests.rights.shipped import ACCOUNT
from tests.scenarios.ako_thread import AkoThread
from tests.scenarios.avi_view import AviView
from tests.scenarios.comparing import Mismatch
from tests.scenarios.expectations import NEGATIVE, differences
from tests.scenarios.full_sync import wait_for_full_sync
from tests.scenarios.product import Product
from tests.scenarios.report import ScenarioError, describe_end, describe_mismatches, describe_step
from tests.scenarios.scenario import JsonObject, Scenario, helm_values, merged
from tests.scenarios.surroundings import Surroundings
from tests.scenarios.visits import Clients, clients_of
from tests.scenarios.world import AviRequest, World, nobody
from tests.traffic.stage import with_destination
from tests.waiting import PATIENCE, SETTLING, wait_until


class ScenarioRun:
    """One run of one scenario: the product in its surroundings, and how far the steps have come."""

    def __init__(
        self, scenario: Scenario, around: Surroundings, folder: Path, product: type[Product] = AkoThread
    ) -> None:
        self._scenario = scenario
        self._around = around
        self.patience = PATIENCE
        self._config = self._config_of_run = scenario.config
        self._values = folder / "values.yaml"
        self._kubeconfig = folder / "kubeconfig"
        self._ako = product(self._values, around.cluster.arguments(self._kubeconfig), folder)
        self._number = 0
        self._requests: list[AviRequest] = []
        self._last_expect = 0
        self._last_start = 0
        self._was_ready = False
        self._remembered: dict[tuple[str, str], str] = {}
        self._steps: Mapping[str, Callable[[Any], None]] = {
            "apply": self._apply,
            "delete": around.cluster.delete,
            "configmap": around.cluster.merge_config_map,
            "config_change": self._config_change,
            "restart_ako": self._restart,
            "wait_full_sync": self._wait_full_sync,
            "fault": around.control.misbehave,
            "controller_create": self._controller_create,
            "controller_delete": self._controller_delete,
            "controller_set": self._controller_set,
            "expect": self._expect,
            "traffic": lambda entries: self._expect({"traffic": entries}),
        }

    def run(self) -> None:
        """Start the product, carry out every step, stop it; raise `ScenarioError` at the first that fails."""
        try:
            self._start()
            for step in self._scenario.steps:
                self.perform(step)
            self._ako.stop()
        except AssertionError as error:
            raise ScenarioError(f"{self._headline()}\n{error}\n{self._end()}") from None
        except Exception as error:
            error.add_note(f"{self._headline()}\n{self._end()}")
            raise
        finally:
            self._ako.kill()

    def perform(self, step: JsonObject) -> None:
        """Carry out one step."""
        self._number += 1
        ((kind, argument),) = step.items()
        if kind not in self._steps:
            raise ValueError(f"{self._scenario.id}: no step {kind!r}; there are {sorted(self._steps)}")
        if kind not in {"expect", "traffic"}:
            self._around.cluster.begin_step()
        self._steps[kind](argument)

    # ---- the product ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        login, url = self._around.login, self._around.controller_url
        values = helm_values(self._scenario, self._config, url, login)
        self._values.write_text(yaml.safe_dump(values), encoding="utf-8")
        self._around.cluster.let_in(self._values, self._kubeconfig)
        self._was_ready = False
        self._config_of_run = self._config
        self._last_start = self._newest_request()
        self._ako.start()

    def _restart(self, _: object) -> None:
        self._ako.stop()
        self._start()

    def _config_change(self, changes: JsonObject) -> None:
        self._config = merged(self._config, changes)

    def _apply(self, manifests: Sequence[JsonObject]) -> None:
        stage = self._around.stage
        # Of an authority of the scenario nobody has a key to make servers with that are asked.
        self._around.cluster.apply(with_destination(manifests, stage.authority) if stage else manifests)

    # ---- the Controller ------------------------------------------------------------------------------------------

    def _controller_create(self, objects: Sequence[JsonObject]) -> None:
        for entry in objects:
            body = {key: value for key, value in entry.items() if key != "type"}
            self._around.control.create(entry["type"], body)

    def _controller_delete(self, objects: Sequence[JsonObject]) -> None:
        for entry in objects:
            self._around.control.delete(entry["type"], entry["name"], force=entry.get("force", False))

    def _controller_set(self, documents: JsonObject) -> None:
        for name, body in documents.items():
            self._around.control.set_singleton(name, body)

    def _wait_full_sync(self, _: object) -> None:
        wait_for_full_sync(self._read_requests, self._newest_request(), self.patience)

    def _read_requests(self) -> Sequence[AviRequest]:
        self._requests.extend(self._around.control.requests_since(self._newest_known()))
        return self._requests

    def _newest_known(self) -> int:
        return self._requests[-1].number if self._requests else 0

    def _newest_request(self) -> int:
        self._read_requests()
        return self._newest_known()

    # ---- expectations --------------------------------------------------------------------------------------------

    def _expect(self, expect: JsonObject) -> None:
        started = time.monotonic()
        left: list[Mismatch] = []

        def outcome() -> bool | None:
            nonlocal left
            left = self._settled_differences(expect)
            is_over = not left or any(mismatch.final for mismatch in left) or self._refused()
            return True if is_over else None

        wait_until(outcome, self.patience)
        self._require_rights()
        if left:
            raise AssertionError(describe_mismatches(left, time.monotonic() - started))
        # What was seen may be the effect of a request that was not in the log yet when the log was read.
        self._last_expect = self._newest_request()

    def _require_rights(self) -> None:
        """Insist that the product was refused nothing: it has every right it ships with, and uses no other."""
        if refused := self._refused():
            raise AssertionError("\n".join(["the API server refused the product a right that it needs:", *refused]))

    def _refused(self) -> Sequence[str]:
        said = f'forbidden: User "{ACCOUNT}"'
        return [line for line in self._ako.log_lines() if said in line]

    def _settled_differences(self, expect: JsonObject) -> list[Mismatch]:
        """Give what does not hold; a negative statement is looked at a second time.

        Requests are sent once nothing else differs and nothing is written any more.
        """
        left = self._differences({key: stated for key, stated in expect.items() if key != "traffic"})
        return self._settle(expect) if not left and NEGATIVE & expect.keys() else left

    def _settle(self, expect: JsonObject) -> list[Mismatch]:
        """Watch whether a late write comes; give what differs then."""
        before = self._newest_request()

        def late_write() -> bool | None:
            return any(request.is_write and request.number > before for request in self._read_requests()) or None

        if wait_until(late_write, SETTLING + self._around.cluster.lag, SETTLING / 3):
            writes = [str(request) for request in self._requests if request.is_write and request.number > before]
            return self._differences(expect) or [Mismatch("settling", "no more writes", writes)]
        return self._differences(expect)

    def _differences(self, expect: JsonObject) -> list[Mismatch]:
        """Give what does not hold now; before the product was ready for the first time, that alone."""
        self._ako.require_running()
        if "ako" not in expect and not self._was_ready:
            self._was_ready = self._ako.ready() is True
            if not self._was_ready:
                status, text = self._ako.readiness()
                return [Mismatch("readiness since the start of the product", "once", [status, *text.splitlines()])]
        return differences(expect, self._world())

    def _world(self) -> World:
        requests = self._read_requests()
        return World(
            cluster_name=self._scenario.cluster_name,
            avi=AviView(self._around.control.objects),
            cluster=self._around.cluster,
            requests=_after(requests, self._last_expect),
            requests_of_this_run=_after(requests, max(self._last_expect, self._last_start)),
            log_lines=self._ako.log_lines,
            ready=self._ako.ready,
            sent=self._around.sent,
            clients=self._clients,
            remembered=self._remembered,
        )

    def _clients(self) -> Clients:
        stage = self._around.stage
        return nobody() if stage is None else clients_of(self._around.cluster, stage, self._config_of_run)

    def _headline(self) -> str:
        return describe_step(self._scenario, self._number)

    def _end(self) -> str:
        with suppress(RuntimeError, HTTPError):
            self._read_requests()
        return describe_end(self._ako.log_lines(), self._requests, self._ako.log)


def _after(requests: Sequence[AviRequest], number: int) -> Sequence[AviRequest]:
    return [request for request in requests if request.number > number]
