"""The Kubernetes stand-in, seen from outside: objects go in, statuses are seen through a watch as any client sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from itertools import batched
from typing import Any, Self

import msgspec
import requests

from bench.objects import NAMESPACE, Manifest, name_of
