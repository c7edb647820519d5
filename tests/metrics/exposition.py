"""The exposition as it is read by whoever scrapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.parser import text_string_to_metric_families

from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from tests.core.control.running import Running as InProcess
from tests.e2e.stage import Running

Labels = frozenset[tuple[str, str]]


class Exposition:
    """One scrape.

    Attributes:
        types: the type of each metric that has any sample, by its name as it is written in queries.
    """

    def __init__(self, text: str) -> None:
        self.types: dict[str, str] = {}
        self._samples: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            for sample in family.samples:
                self.types[name] = family.type
                self._samples.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value

    def __contains__(self, name: str) -> bool:
        return name in self._samples

    def __len__(self) -> int:
        return sum(map(len, self._samples.values()))

    def value(self, name: str, **labels: str) -> float:
        """Give the value of a metric with just these labels; 0 if there is none."""
        return self._samples.get(name, {}).get(frozenset(labels.items()), 0.0)

    def by(self, name: str, label: str) -> Mapping[str, float]:
        """Give the values of a metric, added up by one label, less those that are 0."""
        found: dict[str, float] = {}
        for labels, value in self._samples.get(name, {}).items():
            found[dict(labels)[label]] = found.get(dict(labels)[label], 0.0) + value
        return {key: value for key, value in found.items() if value}

    def labels(self) -> Iterator[tuple[str, str, str]]:
        """Give every label of every metric with its value, but for the bounds of buckets."""
        for name, samples in self._samples.items():
            of = next(of for of in (name, *(name.removesuffix(end) for end in ENDINGS)) if of in self.types)
            yield from ((of, key, value) for labels in samples for key, value in labels if key != "le")

    def series(self) -> set[tuple[str, Labels]]:
        """Give every series."""
        return {(name, labels) for name, samples in self._samples.items() for labels in samples}


ENDINGS = ("_bucket", "_count", "_sum")


def scraped(ako: Running | InProcess) -> Exposition:
    """Scrape a program, or a controller in this process."""
    if isinstance(ako, Running):
        return Exposition(ako.get("/metrics").text)
    return Exposition(health_of(ako.controller, Metrics()).exposition().decode())
