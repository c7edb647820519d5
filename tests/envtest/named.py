"""Which real API server tests are to run on, if any: that of the kubeconfig that `AKO_TEST_KUBECONFIG` names."""

from __future__ import annotations

import os
from pathlib import Path

KUBECONFIG = "AKO_TEST_KUBECONFIG"
WORKER = "{worker}"
"""Stands in that name for the worker of pytest-xdist, `gw0` and so on: each needs a cluster of its own."""


def real_server() -> Path | None:
    """Give the kubeconfig of the API server that is named for this worker, None if there is none."""
    name = os.environ.get(KUBECONFIG, "")
    return Path(name.replace(WORKER, os.environ.get("PYTEST_XDIST_WORKER", "gw0"))) if name else None
