"""Replicas, as they are tried elsewhere."""

from tests.replicas.conftest import rig

__all__ = ["rig"]
