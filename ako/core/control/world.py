"""What a controller talks to."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from msgspec import Struct, field

from ako.core.avi.session import AviSession
from ako.core.base.backoff import Pace
from ako.core.base.fence import Fence
from ako.core.control.office import Replica
from ako.core.control.own_objects import Reload
from ako.core.kube.cluster import Cluster
from ako.core.settings import ConfigTexts, Settings
from ako.core.settings.given import SECRET

Message = Callable[[], None]
"""Something that happened, as what the thinking thread does about it."""


class World(Struct, frozen=True):
    """What a controller talks to, and its time.

    Attributes:
        cluster: Kubernetes, or a folder.
        connect: opens a session with the Avi Controller of some settings, which says when that came back.
        reload: loads the settings anew from the data of ConfigMap and Secret, and files; raises `SettingsError`.
        pace: clock, randomness, back-off.
        fence: what all writes of `cluster` and of the sessions have to pass, so that it knows which are under way.
        namespace: our own.
        secret: name of the Secret with the credentials, in there.
        confirmed: id of a plan that the operator confirmed on the command line.
        config_files: files with settings that are followed, as they were read at start; empty if none are.
        replica: what it takes to be one of several; None: it is the only one.
        inbox: where everything that happens arrives, and is waited for.
    """

    cluster: Cluster
    connect: Callable[[Settings, Callable[[], None]], AviSession]
    reload: Reload
    pace: Pace
    fence: Fence
    namespace: str
    secret: str = SECRET
    confirmed: str = ""
    config_files: ConfigTexts = ()
    replica: Replica | None = None
    inbox: SimpleQueue[Message] = field(default_factory=SimpleQueue)
