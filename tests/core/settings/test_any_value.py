"""Whatever is given for a setting, it is taken or reported; nothing else happens, and no secret is repeated."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from ako.core.settings import LoadedSettings, SettingsError, Sources, load_settings
from ako.core.settings.keys import key_table
from ako.core.settings.plain import plain_value
from tests.core.settings.given import config_files

KEYS = st.sampled_from(sorted(key_table({}).by_helm))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)

MARK = "hunter2hunter2"


def outcome(sources: Sources) -> LoadedSettings | SettingsError:
    try:
        return load_settings(sources)
    except SettingsError as error:
        return error


@given(KEYS, VALUES)
def test_any_value_is_taken_or_reported(key: str, value: object) -> None:
    found = outcome(Sources(flags={key: value}))
    if isinstance(found, SettingsError):
        assert all(fault.key.startswith(key) for fault in found.faults)
        return
    hash(found.settings)
    if not found.keys.by_helm[key].is_secret:
        shown = plain_value(found.settings, found.keys.by_helm[key])
        assert load_settings(Sources(flags={key: shown})).settings == found.settings


@given(st.text(max_size=12), st.sampled_from(["flags", "config_map", "secret", "environ"]))
def test_values_of_unknown_names_are_not_repeated(name: str, place: str) -> None:
    full = f"AKO_AVICREDENTIALS__X{name}" if place == "environ" else f"avicredentials.x{name}"
    sources = {
        "flags": Sources(flags={full: MARK}),
        "config_map": Sources(config_map={full: MARK}),
        "secret": Sources(secret={full: MARK}),
        "environ": Sources(environ={full: MARK}),
    }[place]
    found = outcome(sources)
    assert isinstance(found, SettingsError)
    assert MARK not in str(found)


@given(text=st.text(alphabet="abA: {}[]\n\t-'\"&*!|>#,?%@`\0\ud800", max_size=40))
def test_any_file_is_read_or_reported(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "values.yaml")
        path.write_bytes(text.encode(errors="surrogatepass"))
        found = outcome(Sources(config_files=config_files(path)))
    assert isinstance(found, LoadedSettings) or found.faults
