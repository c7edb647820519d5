"""Replicas, and an Avi Controller, as they are tried elsewhere."""

from tests.core.control.conftest import avi, url
from tests.replicas.conftest import rig

__all__ = ["avi", "rig", "url"]
