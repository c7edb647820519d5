"""Logging: one line per event, with the key of the object it is about.

Text: `<time> <LEVEL> key: <Kind>/<namespace>/<name>, msg: <text>`, the form people and tools around AKO look for;
JSON: one object per line, with what `about` was given as fields beside the text.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from typing import Literal

LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}

FIELDS = ("object", "reason", "remedy", "plan", "duration_ms")
"""What `about` may say, in the order in which it is written."""

_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What would end a line, do something to a terminal, or turn the direction in which it is read."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair of surrogates, which is no text and cannot be written as UTF-8."""


def configure_logging(level: str, form: Literal["text", "json"]) -> None:
    """Send the log of the whole process to standard error, in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(level=LEVELS[level], handlers=[handler], force=True)
    for noisy in ("urllib3", "kubernetes"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def set_level(level: str) -> None:
    """Change the least important level that is logged, while running."""
    logging.getLogger().setLevel(LEVELS[level])


def about(
    key: str = "", *, reason: str = "", remedy: str = "", plan: str = "", seconds: float | None = None
) -> Mapping[str, object]:
    """Give what a line is about, as `extra` of a logger: it is written as fields beside the text.

    Args:
        key: of the object, `<Kind>/<namespace>/<name>`, which the text form writes too.
        reason: the word for it, in CamelCase.
        remedy: what to do about it.
        plan: id of the plan that it belongs to.
        seconds: how long it took.
    """
    milliseconds = None if seconds is None else round(seconds * 1000, 1)
    given = {"object": key, "reason": reason, "remedy": remedy, "plan": plan, "duration_ms": milliseconds}
    return {name: value for name, value in given.items() if value not in ("", None)}


def told(reason: str, message: str, remedy: str = "") -> str:
    """Give what is wrong as one text, as Events show it: `Reason: message; remedy`, or `Reason: message. Remedy`.

    The texts that people look for in the log of AKO come first, whatever the reason is.
    """
    text = with_remedy(message, remedy)
    return f"{text} ({reason})" if message.startswith(AKO_TEXTS) else f"{reason}: {text}"


def with_remedy(message: str, remedy: str) -> str:
    """Give what is wrong and what to do about it as one text, unless the one says the other."""
    if not remedy or remedy in message:
        return message
    if not remedy[0].isupper():
        return f"{message.rstrip('.')}; {remedy}"
    return f"{message}{'' if message.endswith(('.', '?', '!')) else '.'} {remedy}"


AKO_TEXTS = (
    "Duplicate entries found for hostpath ",
    "Found Ingress: ",
    "Didn't find match for hostname ",
    "multiple backends with name ",
    "Invalid input detected",
)
"""How the lines begin that are known from AKO."""


def _stamp(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"


def _level(record: logging.LogRecord) -> str:
    return "WARN" if record.levelno == logging.WARNING else record.levelname


def on_one_line(text: str) -> str:
    """Give a text that stays on one line and can be written, each other character as JSON would write it."""
    return _HALF.sub("\ufffd", _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text))


class _Text(logging.Formatter):
    """One line an event; only the stack of an exception has lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        key = getattr(record, "object", None)
        message = record.getMessage()
        text = f"key: {key}, msg: {message}" if key else message
        line = on_one_line(f"{_stamp(record)} {_level(record)} {text}")
        return f"{line}\n{_HALF.sub(chr(0xFFFD), self.formatException(record.exc_info))}" if record.exc_info else line


class _Json(logging.Formatter):
    """One object a line, valid whatever is in the texts."""

    def format(self, record: logging.LogRecord) -> str:
        given = vars(record)
        line = {
            "ts": _stamp(record),
            "level": _level(record),
            "logger": record.name,
            "key": given.get("object"),  # as the text form calls it
            "msg": record.getMessage(),
            **{name: given[name] for name in FIELDS if name in given},
            "exception": self.formatException(record.exc_info) if record.exc_info else None,
        }
        there = {name: value for name, value in line.items() if value is not None}
        return on_one_line(json.dumps(there, ensure_ascii=False, default=str))
