"""Families of metrics from values that do not change any more: what a scrape reads, nobody writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from ako.core.base.tally import Labels
from ako.core.control.figures import Timings

OTHER = "Other"

Word = TypeVar("Word", bound=str)


def gauge(name: str, text: str, value: float) -> Metric:
    """Give a gauge without labels."""
    return GaugeMetricFamily(name, text, value=value)


def gauges(name: str, text: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Give a gauge for each tuple of labels."""
    return _filled(GaugeMetricFamily(name, text, labels=labels), values)


def counter(name: str, text: str, value: float) -> Metric:
    """Give a counter without labels."""
    return CounterMetricFamily(name, text, value=value)


def counters(name: str, text: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """Give a counter for each tuple of labels."""
    return _filled(CounterMetricFamily(name, text, labels=labels), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[Labels, float]) -> Metric:
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def histogram(name: str, text: str, labels: Labels, timings: Timings) -> Metric:
    """Give a histogram of durations."""
    family = HistogramMetricFamily(name, text, labels=labels)
    bounds = [*map(str, timings.bounds), "+Inf"]
    for key, row in timings.rows.items():
        buckets = list(zip(bounds, accumulate(row.counts), strict=True))
        family.add_metric(key, buckets, row.seconds)
    return family


def bounded(values: Mapping[str, float], most: int = 200) -> dict[str, float]:
    """Give values by words that others make up: no more than so many, and what is beyond that as `Other`.

    Those with the highest values have a word of their own.
    """
    if len(values) <= most:
        return dict(values)
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    return {**dict(ordered[:most]), OTHER: sum(value for _, value in ordered[most:])}


def by(values: Mapping[Word, float], known: Iterable[Word] = ()) -> dict[Labels, float]:
    """Give values by one label; of words that are known there is always one, so that a rise from 0 is seen."""
    return {(word,): values.get(word, 0) for word in dict.fromkeys((*known, *values))}
