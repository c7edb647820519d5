"""Lines of the log in both forms: one event is one line, whatever is in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.log import FIELDS, about, configure_logging, set_level, told
from ako.core.base.moment import duration

UGLY = 'a\nb\r\x00\x1b[31m\x7f\x85\u2028\ud800é\U0001f600"\\'
TEXTS = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


@pytest.fixture
def formatters() -> Iterator[dict[str, logging.Formatter]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = {}
    for form in ("text", "json"):
        configure_logging("INFO", form)
        formatter = root.handlers[0].formatter
        assert formatter is not None
        found[form] = formatter
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)


def record(message: str, *args: object, fault: BaseException | None = None, **fields: Any) -> logging.LogRecord:
    info = (type(fault), fault, fault.__traceback__) if fault else None
    made = logging.LogRecord("ako.core.x", logging.WARNING, __file__, 1, message, args, info)
    vars(made).update(about(**fields))
    return made


def test_fields_are_typed_and_only_there_where_they_apply(formatters: dict[str, logging.Formatter]) -> None:
    line = json.loads(formatters["json"].format(record("%d done", 3, key="Ingress/a/b", reason="R", seconds=0.0634)))
    assert {name: line[name] for name in ("level", "logger", "msg", "object", "reason", "duration_ms")} == {
        "level": "WARN",
        "logger": "ako.core.x",
        "msg": "3 done",
        "object": "Ingress/a/b",
        "reason": "R",
        "duration_ms": 63.4,
    }
    assert line.keys() == {"ts", "level", "logger", "key", "msg", "object", "reason", "duration_ms"}
    assert line["key"] == line["object"], "as the text form calls it"
    full = json.loads(formatters["json"].format(record("m", key="k", reason="R", remedy="r", plan="p", seconds=1)))
    assert set(FIELDS) <= full.keys()


def test_the_object_stands_before_the_text(formatters: dict[str, logging.Formatter]) -> None:
    line = formatters["text"].format(record("it is so", key="Ingress/a/b", reason="R"))
    assert line.endswith("Z WARN key: Ingress/a/b, msg: it is so")
    assert formatters["text"].format(record("it is so")).endswith("Z WARN it is so")


def test_an_exception_is_one_field(formatters: dict[str, logging.Formatter]) -> None:
    try:
        int(UGLY)
    except ValueError as error:
        line = formatters["json"].format(record("x", fault=error))
    assert len(line.splitlines()) == 1
    assert "Traceback" in json.loads(line)["exception"]
    assert json.loads(line)["msg"] == "x"


@given(message=TEXTS, key=TEXTS, remedy=TEXTS)
def test_any_text_is_one_valid_line(message: str, key: str, remedy: str) -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        for form in ("text", "json"):
            configure_logging("INFO", form)
            formatter = logging.getLogger().handlers[0].formatter
            assert formatter is not None
            line = formatter.format(record("%s", message, key=key, remedy=remedy))
            line.encode("utf-8")
            assert len(line.splitlines()) == 1
            assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line)
            if form == "json":
                read = json.loads(line)
                halves = (char for char in message if not "\ud800" <= char <= "\udfff")
                assert read["msg"].replace("\ufffd", "") == "".join(halves).replace("\ufffd", "")
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)


def test_the_level_can_be_changed(formatters: dict[str, logging.Formatter], capsys: pytest.CaptureFixture[str]) -> None:
    assert formatters
    log = logging.getLogger("ako.core.y")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(sys.stderr)
    log.debug("before")
    set_level("DEBUG")
    log.debug("after")
    assert '"after"' in capsys.readouterr().err
    set_level("WARN")
    log.info("not any more")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("message", "remedy", "text"),
    [
        ("the Secret a/b is missing", "create it", "R: the Secret a/b is missing; create it"),
        ("the Secret a/b is missing.", "create it", "R: the Secret a/b is missing; create it"),
        ("it is missing", "Create it.", "R: it is missing. Create it."),
        ("it is missing", "", "R: it is missing"),
        (
            'Duplicate entries found for hostpath a/b: c.com/ in ingresses: ["a/d"]',
            "",
            'Duplicate entries found for hostpath a/b: c.com/ in ingresses: ["a/d"] (R)',
        ),
    ],
)
def test_reason_and_remedy_are_in_the_line(message: str, remedy: str, text: str) -> None:
    assert told("R", message, remedy) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0 ms"),
        (0.063, "63 ms"),
        (1.54, "1.5 s"),
        (12.2, "12 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (90000, "1 d 1 h"),
        (-1.0, "0 ms"),
    ],
)
def test_how_long_something_took(seconds: float, text: str) -> None:
    assert duration(seconds) == text
