"""A scenario at whose expectations clients must also get all that the cluster promises them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.scenarios.scenario import JsonObject, merged
from tests.scenarios.steps import ScenarioRun
from tests.traffic.promise import Promise
from tests.traffic.promises import promises
from tests.waiting import wait_until

DOMAINS = (".com", "avi.internal")
"""The DNS domains of the cloud that scenarios begin with."""

ELSEWHERE: Mapping[tuple[str, int], str] = {
    ("field/28-twelve-plain-hosts-lose-their-class", 4): "what loses its class all at once is held, and stays served",
    ("lifecycle/09-no-retry-400", 4): "the Controller refuses the virtual service",
}
"""Expectations, by scenario and number of the step, at which the cluster alone does not say what clients get."""


class PromisedRun(ScenarioRun):
    """Asks everything that the cluster promises, whenever the scenario's own expectations hold."""

    def _expect(self, expect: JsonObject) -> None:
        super()._expect(expect)
        is_idle = expect.get("ako", {}).get("ready") is False
        if is_idle or (self._scenario.id, self._number) in ELSEWHERE:
            return
        left: list[str] = []

        def outcome() -> bool | None:
            nonlocal left
            left = self.broken_promises()
            return None if left else True

        wait_until(outcome, self.patience)
        assert not left, "\n".join(["what the cluster promises does not hold:", *left])

    def broken_promises(self) -> list[str]:
        """Ask for all that is promised now, and say what comes otherwise."""
        wanted = self._promised()
        answers = self._clients().ask_all([promise.asked for promise in wanted])
        return [
            f"{promise.asked}: {fault} ({promise.reason})"
            for promise, answer in zip(wanted, answers, strict=True)
            for fault in promise.ours.faults(answer)
        ]

    def _promised(self) -> Sequence[Promise]:
        cluster = self._around.cluster
        config_map = cluster.get("ConfigMap", "avi-system", "avi-k8s-config") or {}
        deletes = config_map.get("data", {}).get("deleteConfig", "false")
        config = merged(self._config_of_run, {"AKOSettings": {"deleteConfig": deletes}})
        domains = self._scenario.controller.get("dns_domains", DOMAINS)
        return promises(cluster.things(), config, domains)
