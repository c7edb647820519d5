"""What goes wrong in a benchmark."""

from __future__ import annotations


class BenchError(Exception):
    """A cell could not be measured."""
