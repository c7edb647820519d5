"""Which namespaces are served: a selector is whole or refused, and a list has names of namespaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.core.settings import Settings, Sources, load_settings
from tests.core.settings.given import config_files, fault_of, faults, loaded, values_file

KEY, VALUE = "AKOSettings.namespaceSelector.labelKey", "AKOSettings.namespaceSelector.labelValue"
BLOCKED = "AKOSettings.blockedNamespaceList"


def selected(settings: Settings) -> tuple[str, str]:
    selector = settings.ako_settings.namespace_selector
    return selector.label_key, selector.label_value


def test_both_halves_may_come_from_different_places(tmp_path: Path) -> None:
    path = values_file(tmp_path, "AKOSettings: {namespaceSelector: {labelKey: app, labelValue: ' migrate '}}\n")
    wanted = ("app", "migrate")
    for sources in (
        Sources(config_files=config_files(path)),
        Sources(config_map={"nsSyncLabelKey": "app", "nsSyncLabelValue": "migrate"}),
        Sources(environ={"NAMESPACE_SYNC_LABEL_KEY": "app"}, config_map={"nsSyncLabelValue": "migrate"}),
        Sources(environ={"AKO_AKOSETTINGS__NAMESPACESELECTOR__LABELKEY": "app"}, flags={VALUE: "migrate"}),
    ):
        assert selected(load_settings(sources).settings) == wanted


def test_a_selector_that_is_empty_selects_all(tmp_path: Path) -> None:
    path = values_file(tmp_path, "AKOSettings: {namespaceSelector: {labelKey: '', labelValue: }}\n")
    blank = Sources(config_files=config_files(path), config_map={"nsSyncLabelKey": " ", "nsSyncLabelValue": ""})
    assert load_settings(blank) == load_settings(Sources())


@pytest.mark.parametrize(("given", "other"), [(KEY, VALUE), (VALUE, KEY)])
@pytest.mark.parametrize("blank", ["", " ", None])
def test_half_a_selector_is_refused(given: str, other: str, blank: str | None) -> None:
    """Passed over it would serve every namespace."""
    (fault,) = faults(Sources(flags={given: "app", other: blank}))
    assert (fault.key, fault.origin, fault.value) == (given, "flag --set", '"app"')
    assert other in fault.reason


@pytest.mark.parametrize(
    "text", ["app=migrate", "app/", "/app", "a b", "-app", "App.example/x", "a/b/c", "k" * 64, "app,team", "*"]
)
def test_what_no_namespace_can_have_for_a_label_is_refused(text: str) -> None:
    (fault,) = faults(Sources(flags={KEY: text, VALUE: "x"}))
    assert (fault.key, "no namespace would be served" in fault.reason) == (KEY, True)
    if "/" not in text:
        (fault,) = faults(Sources(flags={KEY: "x", VALUE: text}))
        assert fault.key == VALUE


@pytest.mark.parametrize("text", ["app", "app.kubernetes.io/part-of", "k" * 63, "A_b.c-9"])
def test_labels_are_taken_as_kubernetes_has_them(text: str) -> None:
    given = {"AKOSettings__namespaceSelector__labelKey": text, "AKOSettings__namespaceSelector__labelValue": 1}
    assert selected(loaded(**given).settings) == (text, "1")


@pytest.mark.parametrize(
    "given",
    [
        ["red", "kube-system"],
        '["red", "kube-system"]',
        "red, kube-system",
        " red ,kube-system,",
        ("red", "kube-system"),
    ],
)
def test_blocked_namespaces_are_a_list_however_it_is_written(given: object) -> None:
    assert loaded(AKOSettings__blockedNamespaceList=given).settings.ako_settings.blocked_namespace_list == (
        "red",
        "kube-system",
    )


@pytest.mark.parametrize("given", ["", "[]", "null", [], None])
def test_nothing_is_blocked_by_an_empty_list(given: object) -> None:
    assert loaded(AKOSettings__blockedNamespaceList=given).settings == Settings()


@pytest.mark.parametrize(
    "given", ["kube-*", ["red", "Red"], "red;blue", ["a.b"], "x" * 64, {"red": True}, [None], [""]]
)
def test_what_would_block_nothing_is_refused(given: object) -> None:
    (fault,) = faults(Sources(flags={BLOCKED: given}))
    assert fault.key.startswith(BLOCKED)
    assert fault.allowed == "a list of names of namespaces"


def test_the_policy_about_hosts_is_one_of_two() -> None:
    assert loaded(L7Settings__fqdnReusePolicy="strict").settings.l7_settings.fqdn_reuse_policy == "Strict"
    assert loaded(L7Settings__fqdnReusePolicy="").settings == Settings()
    assert fault_of("L7Settings.fqdnReusePolicy", "Sometimes").allowed == "InterNamespaceAllowed, Strict"
