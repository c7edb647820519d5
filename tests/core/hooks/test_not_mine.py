"""What a plugin left to others stays theirs while it fails, and nothing else: not what it was never asked."""

from __future__ import annotations

import pytest

from ako import PortClaim, Problem, Translation, View, VirtualHost, hookimpl
from ako.core.control.hook_limit import HookLimit
from ako.core.control.plugin_lines import PluginLines
from ako.core.hooks.loading import Plugin
from ako.core.hooks.not_mine import NotMine
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.core.clock import Clock

OTHERS = (CLASS, service("web"), endpoints("web", "10.0.0.1"))


class Adjusts:
    """Has something to say of a host, and fails or hangs at others."""

    def __init__(self) -> None:
        self.speaks_of = self.fails_at = self.hangs_at = ""

    @hookimpl
    def ako_adjust(
        self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View
    ) -> Translation | None:
        host = str(virtual_host.key)
        while host == self.hangs_at:
            pass
        if host == self.fails_at:
            raise LookupError
        source = virtual_host.claims[0].source
        problem = Problem(source, "Adjusted", "it is adjusted.", "")
        return translation.with_problems(problem) if host == self.speaks_of else None


def shop(host: str) -> Manifest:
    return ingress(host.partition(".")[0], (host, "/", "web:80"))


def rehearsal_of(adjusts: Adjusts) -> Rehearsal:
    rehearsal = Rehearsal([Plugin("mine", adjusts), "ingress", "clusterip_routes"])
    rehearsal.host.calls.limit = 0.1
    rehearsal.apply(*OTHERS)
    return rehearsal


def is_served(rehearsal: Rehearsal, host: str) -> bool:
    return rehearsal.pipeline.hosts.value(host) is not None


def settle(rehearsal: Rehearsal) -> None:
    """End a pass as the controller does."""
    PluginLines(rehearsal.host, rehearsal.pipeline, Clock()).follow()


def test_after_a_start_a_plugin_that_hangs_is_not_taken_for_one_that_has_nothing_to_say() -> None:
    """What it changes may be asked last; without it that would be taken away from what is served."""
    adjusts = Adjusts()
    adjusts.hangs_at, adjusts.speaks_of = "b.com", "c.com"
    rehearsal = rehearsal_of(adjusts)
    with HookLimit(rehearsal.host.calls):
        rehearsal.apply(shop("a.com"))
        rehearsal.apply(shop("b.com"))
        rehearsal.apply(shop("c.com"))
    assert is_served(rehearsal, "a.com")
    assert not is_served(rehearsal, "c.com")
    assert "c.com" in rehearsal.doubts()


def test_one_that_left_all_there_was_to_others_holds_up_no_new_host() -> None:
    adjusts = Adjusts()
    rehearsal = rehearsal_of(adjusts)
    rehearsal.apply(shop("a.com"))
    settle(rehearsal)
    adjusts.hangs_at = "b.com"
    rehearsal.apply(shop("b.com"))
    settle(rehearsal)
    rehearsal.apply(shop("c.com"))
    assert is_served(rehearsal, "c.com")


@pytest.mark.parametrize("is_another", [False, True], ids=["the same", "another"])
def test_what_was_said_of_a_host_is_not_said_of_another_one_of_its_name(is_another: bool) -> None:
    adjusts = Adjusts()
    rehearsal = rehearsal_of(adjusts)
    rehearsal.apply(shop("a.com"))
    if is_another:
        rehearsal.delete(shop("a.com"))
    adjusts.fails_at = "a.com"
    rehearsal.apply(service("web", 81), ingress("a", ("a.com", "/", "web:81")))
    assert is_served(rehearsal, "a.com") is not is_another


def test_who_failed_from_the_start_is_not_known_to_have_nothing_to_say() -> None:
    not_mine = NotMine()
    for plugin in ("fails", "idles", "speaks"):
        not_mine.note(plugin, "ako_adjust", "a.com", is_left=True)
    not_mine.note("speaks", "ako_adjust", "b.com", is_left=False)
    not_mine.settle({("fails", "ako_adjust")})
    assert [p for p in ("fails", "idles", "speaks") if not_mine.leaves_all(p, "ako_adjust")] == ["idles"]
    not_mine.forget("a.com")
    assert not not_mine.was_left("idles", "ako_adjust", "a.com")
