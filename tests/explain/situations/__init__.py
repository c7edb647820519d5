"""All worlds, in the order of the page."""

from __future__ import annotations

from tests.explain.situation import World
from tests.explain.situations.certificates import CERTIFICATES
from tests.explain.situations.classes import NAMED, NO_DEFAULT, NOT_DEFAULT, OTHER_DEFAULT
from tests.explain.situations.conflicts import CONFLICTS, STRICT
from tests.explain.situations.controller import (
    AWAY,
    DRIFT,
    HELD,
    LIMITED,
    NAMESAKES,
    REFUSED,
    STANDBY,
    STAYS,
    TENANTS,
)
from tests.explain.situations.placement import NODES, PODS
from tests.explain.situations.routes import ROUTES
from tests.explain.situations.written import WRITTEN

WORLDS: tuple[World, ...] = (
    NAMED,
    NOT_DEFAULT,
    OTHER_DEFAULT,
    NO_DEFAULT,
    CONFLICTS,
    STRICT,
    CERTIFICATES,
    PODS,
    NODES,
    WRITTEN,
    ROUTES,
    TENANTS,
    REFUSED,
    LIMITED,
    STAYS,
    HELD,
    DRIFT,
    NAMESAKES,
    STANDBY,
    AWAY,
)
