"""Logging: one line per event, with the key of the object it is about.

Text: `<time> <LEVEL> key: <Kind>/<namespace>/<name>, msg: <text>`, the form people and tools around AKO look for;
JSON: one object per line. The key is given as `extra={"key": ref.key}`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Literal

LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARN": logging.WARNING, "ERROR": logging.ERROR}


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


def _stamp(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"


def _level(record: logging.LogRecord) -> str:
    return "WARN" if record.levelno == logging.WARNING else record.levelname


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        key = getattr(record, "key", None)
        message = record.getMessage()
        text = f"key: {key}, msg: {message}" if key else message
        line = f"{_stamp(record)} {_level(record)} {text}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": _stamp(record),
            "level": _level(record),
            "logger": record.name,
            "key": getattr(record, "key", None),
            "msg": record.getMessage(),
            "exception": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)
