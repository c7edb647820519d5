"""How the texts of settings are written, as regular expressions: the program and the JSON schema use the same ones.

Helm reads the schema with Go's engine, so they are such as Go and Python read alike: no look-around, ASCII only, whole
texts, with blanks around them allowed (a text often ends with the line break of the file that it came from).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

BLANKS = " \t\n\r\f\v"
_SPACES = r" \t\n\r\f\v"
_BLANK = f"[{_SPACES}]*"
NOTHING = f"^{_BLANK}$"
"""A text that is no value."""
SOMETHING = f"[^{_SPACES}]"

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_GROUP = "[0-9A-Fa-f]{1,4}"
_LAST_TWO = f"(?:{_GROUP}:{_GROUP}|{_V4})"


def _v6_forms() -> Iterator[str]:
    """Give the forms of RFC 3986: all groups, or a gap with fewer and fewer groups behind it."""
    yield f"(?:{_GROUP}:){{6}}{_LAST_TWO}"
    for behind in range(5, -1, -1):
        before = "" if behind == 5 else f"(?:(?:{_GROUP}:){{0,{4 - behind}}}{_GROUP})?"
        yield f"{before}::(?:{_GROUP}:){{{behind}}}{_LAST_TWO}"
    yield f"(?:(?:{_GROUP}:){{0,5}}{_GROUP})?::{_GROUP}"
    yield f"(?:(?:{_GROUP}:){{0,6}}{_GROUP})?::"


_V6 = f"(?:{'|'.join(_v6_forms())})"
_NAME = "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_NAMESPACE = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?"


def whole(*forms: str) -> str:
    """Give the expression of a text that is one of some forms, with or without blanks around it."""
    return f"^{_BLANK}(?:{'|'.join(forms)}){_BLANK}$"


def any_case(words: Iterable[str]) -> str:
    """Give the expression of one of some words, whatever the case of its letters."""
    return "|".join("".join(_either(letter) for letter in word) for word in words)


def _either(letter: str) -> str:
    return f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else re.escape(letter)


def number(least: int | None, most: int | None) -> str:
    """Give the expression of a whole number from `least` to `most`; of any if one is None, or `least` below 0."""
    if least is None or most is None or least < 0:
        return "-?[0-9]+"
    forms = "|".join(_between(least, most))
    return f"-?0+|0*(?:{forms})" if least == 0 else f"0*(?:{forms})"


def _between(least: int, most: int) -> Iterator[str]:
    for length in range(len(str(least)), len(str(most)) + 1):
        lowest, highest = max(least, 10 ** (length - 1) if length > 1 else 0), min(most, 10**length - 1)
        yield from _of_one_length(str(lowest), str(highest))


def _of_one_length(lowest: str, highest: str) -> list[str]:
    if lowest == highest:
        return [lowest]
    if lowest[0] == highest[0]:
        return [lowest[0] + rest for rest in _of_one_length(lowest[1:], highest[1:])]
    rest, first, last = len(lowest) - 1, int(lowest[0]), int(highest[0])
    below: list[str] = []
    above: list[str] = []
    if lowest[1:].strip("0"):
        below = [lowest[0] + part for part in _of_one_length(lowest[1:], "9" * rest)]
        first += 1
    if highest[1:].strip("9"):
        above = [highest[0] + part for part in _of_one_length("0" * rest, highest[1:])]
        last -= 1
    digits = "" if rest == 0 else "[0-9]" if rest == 1 else f"[0-9]{{{rest}}}"
    middle = [(f"[{first}-{last}]" if first < last else str(first)) + digits] if first <= last else []
    return below + middle + above


TRUE = ("true", "yes", "on", "1", "t", "y")
FALSE = ("false", "no", "off", "0", "f", "n")
FLAG = whole(any_case((*TRUE, *FALSE)))
WHOLE_NUMBER = whole(number(None, None))

CLUSTER_NAME = whole("-?(?:[A-Za-z0-9_]+-)*[A-Za-z0-9_]+")
ADDRESS = whole(_V4, _V6)
NETWORK = whole(f"{_V4}(?:/(?:{number(0, 32)}))?", f"{_V6}(?:/(?:{number(0, 128)}))?")
_PORT = f"(?::(?:{number(1, 65535)}))?"
_AUTHORITY = rf"(?:{_HOST}|\[{_V6}\]){_PORT}"
ENDPOINT = whole(f"(?:{any_case(['https://', 'http://'])})?{_AUTHORITY}/?", _V6)
SECRET_REFERENCE = whole(f"{_NAME}/{_NAME}")
LABEL_KEY = whole(f"(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_LABEL}")
LABEL_VALUE = whole(_LABEL)
NAMESPACE = whole(_NAMESPACE)
NAMESPACES = f"^[,{_SPACES}]*(?:{_NAMESPACE}{_BLANK}(?:,[,{_SPACES}]*{_NAMESPACE}{_BLANK})*)?[,{_SPACES}]*$"
_BUILD = "(?:[.-][0-9A-Za-z.-]*)?"
VERSION = whole(rf"[0-9]+(?:\.[0-9]+)+{_BUILD}")
SUPPORTED_VERSION = whole(
    rf"0*(?:2[1-9]|[3-9][0-9]|[1-9][0-9]{{2,}})\.[0-9]+{_BUILD}",
    rf"0*20\.0*(?:[2-9]|[1-9][0-9]+){_BUILD}",
    rf"0*20\.0*1\.0*[1-9][0-9]*{_BUILD}",
)
JSON_LIST = whole(r"\[[\s\S]*\]")
JSON_MAPPING = whole(r"\{[\s\S]*\}")
PEM = "-----BEGIN [A-Z0-9 ]*CERTIFICATE-----"
NO_LIST = whole("null")
"""What AKO's chart makes of a list that is not there."""
WORDS = f"^{_BLANK}[^\\[{{{_SPACES}][\\s\\S]*$"
SOME_WORDS = f"^{_BLANK}(?:[^\\[{{,{_SPACES}][\\s\\S]*|,[\\s\\S]*[^,{_SPACES}][\\s\\S]*)$"

UNSIGNED_WORD = f"^{_BLANK}(?:[^+{_SPACES}-][\\s\\S]*)?$"
UNSIGNED_WORDS = f"^{_BLANK}(?:[^+,\\[{{{_SPACES}-][^,]*)?(?:,{_BLANK}(?:[^+,{_SPACES}-][^,]*)?)*$"


def signed(names: Iterable[str]) -> str:
    """Give the expression of a word with a sign: any name with a plus, one of some names with a minus."""
    return f"(?:[+]{_BLANK}[^,{_SPACES}][^,]*|-{_BLANK}(?:{'|'.join(map(re.escape, names))}){_BLANK})"


def words_of(word: str) -> str:
    """Give the expression of one or more such words with commas between them; empty ones do not count."""
    return f"^[,{_SPACES}]*{word}(?:,{_BLANK}(?:{word})?)*$"


def matches(pattern: str, text: str) -> bool:
    """Say whether a text is written so."""
    return re.search(pattern, text) is not None
