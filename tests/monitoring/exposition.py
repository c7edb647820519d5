"""What `/metrics` told at some moments, and the series that Prometheus would have made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Sample = tuple[str, tuple[tuple[str, str], ...]]
"""The name of a sample, and its labels."""

_TIMES = re.compile(r"_timestamp_seconds$|^process_start_time_seconds$")
_GROWING = ("_total", "_bucket", "_count", "_sum")


@dataclass(frozen=True)
class Scrape:
    """All samples of one replica at a moment, in seconds since 1970."""

    at: float
    values: Mapping[Sample, float]


def scrape(text: str, at: float) -> Scrape:
    """Read what was served."""
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return Scrape(at, {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples})


def vocabulary(scrapes: Sequence[Scrape]) -> dict[str, frozenset[str]]:
    """Give the labels of each sample that was served."""
    found: dict[str, frozenset[str]] = {}
    for one in scrapes:
        for name, labels in one.values:
            found[name] = found.get(name, frozenset()) | {label for label, _ in labels}
    return found


@dataclass(frozen=True)
class Watched:
    """What a replica served: twice while all was well, and twice while it was not; None: no longer at all."""

    instance: str
    before: tuple[Scrape, Scrape]
    during: tuple[Scrape, Scrape] | None


def series(watched: Watched, quiet: int, lasting: int) -> Iterator[Mapping[str, str]]:
    """Give input for `promtool test rules`: `quiet` minutes of what was before, then `lasting` of what was during.

    Gauges stay as they were seen. Counters go on as they did between the two scrapes; so do moments, if they moved,
    as that of the last full sync does. The clock of the tests begins at 0, and moments are told by it.
    """
    samples = dict.fromkeys([*watched.before[1].values, *(watched.during[1].values if watched.during else ())])
    for name, labels in samples:
        told = _told(watched.before, (name, labels), 0, quiet)
        told += _told(watched.during, (name, labels), quiet, lasting) if watched.during else " stale"
        own = "".join(f', {label}="{value}"' for label, value in labels)
        target = f'job="ako", namespace="avi-system", instance="{watched.instance}"'
        yield {"series": f"{name}{{{target}{own}}}", "values": told.strip()}


def _told(pair: tuple[Scrape, Scrape], sample: Sample, begins: int, length: int) -> str:
    """Give so many minutes of a sample in promtool's notation."""
    first, second = (one.values.get(sample) for one in pair)
    if second is None:
        return f" _x{length}"
    name, step = sample[0], 0.0
    if _TIMES.search(name) and second:
        step = 60.0 if first is None or second - first > 0.5 else 0.0
        second += begins * 60 - pair[1].at
    elif name.endswith(_GROWING) and first is not None:
        step = (second - first) / (pair[1].at - pair[0].at) * 60
    return f" {second:.3f}{step:+.3f}x{length - 1}"
