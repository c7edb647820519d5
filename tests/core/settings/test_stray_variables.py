"""Variables `AKO_…` that nobody reads are told, with the one that was meant; those of Kubernetes are not."""

from __future__ import annotations

import pytest

from ako.core.settings import Sources, load_settings


def warnings(**environ: str) -> tuple[str, ...]:
    """Give what is said of some variables."""
    return load_settings(Sources(environ=environ)).warnings


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AKO_LOGLEVEL", "AKO_AKOSETTINGS__LOGLEVEL"),
        ("AKO_LOG_LEVEL", "AKO_AKOSETTINGS__LOGLEVEL"),
        ("AKO_AKOSETTINGS_LOGLEVEL", "AKO_AKOSETTINGS__LOGLEVEL"),
        ("AKO_LOGLEVL", "AKO_AKOSETTINGS__LOGLEVEL"),
        ("AKO_CLUSTER_NAME", "AKO_AKOSETTINGS__CLUSTERNAME"),
        ("AKO_L7SETTINGS_SHARDVSSIZE", "AKO_L7SETTINGS__SHARDVSSIZE"),
        ("AKO_CTRL_USERNAME", "AKO_AVICREDENTIALS__USERNAME"),
        ("AKO_API_SERVER_PORT", "AKO_AKOSETTINGS__APISERVERPORT"),
    ],
)
def test_the_one_that_was_meant_is_said(name: str, meant: str) -> None:
    assert warnings(**{name: "8080"}) == (f"variable {name} is not read; did you mean {meant}?",)


def test_one_that_is_like_none_is_told_how_they_are_called() -> None:
    (warning,) = warnings(AKO_FOO="hunter2")
    assert warning.startswith("variable AKO_FOO is not read: that of a setting is AKO_<SECTION>__<NAME>")
    assert "hunter2" not in warning


@pytest.mark.parametrize(
    "environ",
    [
        {"AKO_SERVICE_HOST": "10.0.0.1", "AKO_SERVICE_PORT": "80", "AKO_SERVICE_PORT_HTTP": "80"},
        {"AKO_PORT": "tcp://10.0.0.1:80", "AKO_PORT_80_TCP": "tcp://10.0.0.1:80", "AKO_PORT_80_TCP_PROTO": "tcp"},
        {"AKO_METRICS_PORT": "udp://10.0.0.1:53", "AKO_METRICS_PORT_53_UDP_ADDR": "10.0.0.1"},
        {"AKO_API_PORT": "8080", "AKO_SECRET_NAME": "avi-login", "AKO_AKOSETTINGS__LOGLEVEL": "DEBUG"},
        {"AKOLOGLEVEL": "x", "MY_AKO_LOGLEVEL": "x", "ako_loglevel": "x"},
    ],
)
def test_those_of_kubernetes_ours_and_those_of_others_are_not_told(environ: dict[str, str]) -> None:
    assert warnings(**environ) == ()
