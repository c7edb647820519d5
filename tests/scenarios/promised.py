"""A scenario at whose expectations clients must also get all that the cluster promises them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.scenarios.scenario import JsonObject, merged
from tests.scenarios.steps import ScenarioRun
from tests.traffic.promise import Promise
from tests.traffic.promises import promises

DOMAINS = (".com", "avi.internal")
"""The DNS domains of the cloud that scenarios begin with."""

ELSEWHERE: Mapping[str, str] = {}
"""Scenarios in which the cluster alone does not say what clients get, and what else does."""


class PromisedRun(ScenarioRun):
    """Asks everything that the cluster promises, whenever the scenario's own expectations hold."""

    def _expect(self, expect: JsonObject) -> None:
        super()._expect(expect)
        if expect.get("ako", {}).get("ready") is False:
            return  # so much may not be done yet
        clients = self._clients()
        wanted = self.promised()
        answers = clients.ask_all([promise.asked for promise in wanted])
        wrong = [
            f"{promise.asked}: {fault} ({promise.reason})"
            for promise, answer in zip(wanted, answers, strict=True)
            for fault in promise.ours.faults(answer)
        ]
        assert not wrong, "\n".join(wrong)

    def promised(self) -> Sequence[Promise]:
        """Give what clients must get now."""
        cluster = self._around.cluster
        config_map = cluster.get("ConfigMap", "avi-system", "avi-k8s-config") or {}
        deletes = config_map.get("data", {}).get("deleteConfig", "false")
        config = merged(self._config_of_run, {"AKOSettings": {"deleteConfig": deletes}})
        domains = self._scenario.controller.get("dns_domains", DOMAINS)
        return promises(cluster.things(), config, domains)
