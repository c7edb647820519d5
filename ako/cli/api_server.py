"""Which API server a command talks to, and which namespace there is our own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ako.core.settings.given import SECRET, SECRET_NAME_VARIABLE

if TYPE_CHECKING:
    from ako.core.base.fence import Fence
    from ako.core.base.secrecy import Secrecy
    from ako.core.kube.api import ApiCluster
    from ako.core.kube.connection import ConfigLoader

OWN_NAMESPACE = "avi-system"


def own_namespace() -> str:
    """Give the namespace that our own objects are in."""
    return os.environ.get("POD_NAMESPACE") or OWN_NAMESPACE


def own_secret() -> str:
    """Give the name of the Secret with the credentials; the chart names another one where there is one already."""
    return os.environ.get(SECRET_NAME_VARIABLE) or SECRET


def api_cluster(kubeconfig: Path | None, secrecy: Secrecy, fence: Fence | None = None) -> ApiCluster:
    """Give the cluster of a kubeconfig; without one that of our pod, or of the usual kubeconfig outside of any.

    Raises:
        KubeUnreachable: there is no configuration, or it cannot be read.
    """
    from ako.core.kube.api import ApiCluster  # noqa: PLC0415 - the client library takes half a second

    return ApiCluster(loader_of(kubeconfig), fence=fence, secrecy=secrecy)


def loader_of(kubeconfig: Path | None) -> ConfigLoader:
    """Give what loads server, CA and credentials of a kubeconfig; without one as `api_cluster` does."""
    from ako.core.kube.connection import from_kubeconfig, in_cluster  # noqa: PLC0415

    is_inside = kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ
    return in_cluster if is_inside else from_kubeconfig(kubeconfig)
