"""What a controller talks to."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.control.own_objects import Reload
from ako.core.kube.cluster import Cluster
from ako.core.settings import Settings


class World(Struct, frozen=True):
    """What a controller talks to, and its time.

    Attributes:
        cluster: Kubernetes, or a folder.
        connect: opens a session with the Avi Controller of some settings.
        reload: loads the settings anew from the data of ConfigMap and Secret; raises `SettingsError`.
        pace: clock, randomness, back-off.
        namespace: our own.
        confirmed: id of a plan that the operator confirmed on the command line.
    """

    cluster: Cluster
    connect: Callable[[Settings], AviSession]
    reload: Reload
    pace: Pace
    namespace: str
    confirmed: str = ""
