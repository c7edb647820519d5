"""Settings of AKO about what is not there: refused where they ask for something, without a word where they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.core.settings import Sources, load_settings
from ako.core.settings.foreign_keys import FEATURES
from tests.core.settings.given import config_files, faults, values_file

NO = ("false", "False", False, "", None, "no", "off", "0", 0)
YES = ("true", True, "yes", "on", 1)
NONE: tuple[object, ...] = ("", None, [], "[]", "[ ]", "null", {})

# helm key, AKO's variable, what asks for nothing, what asks for something
REFUSED = [
    ("AKOSettings.enableEVH", "ENABLE_EVH", NO, YES),
    ("AKOSettings.vipPerNamespace", "VIP_PER_NAMESPACE", NO, YES),
    ("AKOSettings.istioEnabled", "ISTIO_ENABLED", NO, YES),
    ("AKOSettings.primaryInstance", "PRIMARY_AKO_FLAG", ("true", "True", True, "", None, "on", 1), ("false", False, 0)),
    ("AKOSettings.servicesAPI", "SERVICES_API", NO, YES),
    ("AKOSettings.useDefaultSecretsOnly", "USE_DEFAULT_SECRETS_ONLY", NO, YES),
    ("AKOSettings.vpcMode", "VPC_MODE", NO, YES),
    ("AKOSettings.syncNamespace", "SYNC_NAMESPACE", ("", None, " "), ("red",)),
    ("L4Settings.advancedL4", "ADVANCED_L4", NO, YES),
    ("NetworkSettings.bgpPeerLabels", "BGP_PEER_LABELS", NONE, (["peer"], "peer", '["peer"]')),
    ("NetworkSettings.nsxtT1LR", "NSXT_T1_LR", ("", None), ("/infra/tier-1s/one",)),
]
EVERY_KEY = pytest.mark.parametrize(("key", "variable", "nothing", "something"), REFUSED, ids=[r[0] for r in REFUSED])


def in_every_place(folder: Path, key: str, variable: str, value: object) -> Iterator[Sources]:
    """Give a value in the file, as a flag, in the ConfigMap and as variables, by each of its names there."""
    section, name = key.split(".")
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    yield Sources(config_files=config_files(values_file(folder, f"{section}: {{{name}: {json.dumps(value)}}}\n")))
    yield Sources(flags={key: value})
    yield from (Sources(config_map={written: text}) for written in (name, key))
    layer = f"AKO_{section.upper()}__{name.upper()}"
    yield from (Sources(environ={written: text}) for written in (variable, layer))


@EVERY_KEY
def test_what_asks_for_something_is_refused_wherever_it_is_given(
    tmp_path: Path, key: str, variable: str, nothing: object, something: tuple[object, ...]
) -> None:
    for value in something:
        for sources in in_every_place(tmp_path, key, variable, value):
            (fault,) = faults(sources)
            assert (fault.key, "not supported" in fault.reason, bool(fault.origin)) == (key, True, True)
            assert "remove it" in str(fault)


@EVERY_KEY
def test_what_asks_for_nothing_deserves_no_word_wherever_it_is_given(
    tmp_path: Path, key: str, variable: str, nothing: tuple[object, ...], something: object
) -> None:
    for value in nothing:
        for sources in in_every_place(tmp_path, key, variable, value):
            assert load_settings(sources) == load_settings(Sources())


def test_every_setting_that_is_refused_is_tried() -> None:
    tried = {key for key, *_ in REFUSED}
    assert {key for key, feature in FEATURES.items() if feature.is_refused} == tried - {"AKOSettings.syncNamespace"}


def test_an_empty_value_above_takes_nothing_back() -> None:
    """AKO's chart writes every key; a user who asks for it in another place is told as well."""
    (fault,) = faults(Sources(config_map={"enableEVH": ""}, environ={"ENABLE_EVH": "true"}))
    assert (fault.key, fault.origin) == ("AKOSettings.enableEVH", "variable ENABLE_EVH")
    load_settings(Sources(config_map={"enableEVH": "false"}, environ={"ENABLE_EVH": "true"}))
