"""What the core and built-in plugins make of whatever is written passes: nobody is blamed who only hands it on."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ako import PortClaim, Translation, View, VirtualHost, hookimpl
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Manifest, Rehearsal
from tests.contract.examples import EXAMPLES
from tests.contract.test_hostile_objects import manifests
from tests.contract.test_plugins import OURS
from tests.properties import share_of


class Copies:
    """Gives every translation as it is, as a value of its own, which is judged."""

    def __init__(self) -> None:
        self.count = 0

    @hookimpl
    def ako_adjust(self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation:
        self.count += 1
        return replace(translation, objects=tuple(replace(item) for item in translation.objects))


@settings(max_examples=share_of(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(manifests(), min_size=1, max_size=5))
def test_whatever_is_written(caplog: pytest.LogCaptureFixture, strange: Sequence[Manifest]) -> None:
    caplog.set_level(logging.CRITICAL, logger="ako.core")
    copies = Copies()
    rehearsal = Rehearsal((*OURS, Plugin("copies", copies)))
    rehearsal.apply(*EXAMPLES, *strange)
    assert not rehearsal.host.calls.failures, rehearsal.host.calls.first_faults
    assert copies.count
