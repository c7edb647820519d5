"""What can go wrong between us and Kubernetes.

KubeError
├── KubeUnreachable   no answer, or none that can be understood: connection, TLS, credentials; worth trying again
│   ├── KubeWithheld  nothing was sent: another replica may be the one that writes
│   └── KubeSilent    no more of an answer that was to go on
└── KubeRefused       an answer with an error status
"""
# ruff: noqa: N818 - a name says what happened; that it is an error shows wherever it is raised or caught

from __future__ import annotations

from ako.core.base.errors import AkoError


class KubeError(AkoError):
    """Kubernetes could not be read."""


class KubeUnreachable(KubeError):
    """There was no answer, or none that can be understood."""


class KubeWithheld(KubeUnreachable):
    """Nothing was sent, because another replica may be the one that writes."""


class KubeSilent(KubeUnreachable):
    """Nothing came for longer than the request allows."""


class KubeRefused(KubeError):
    """The API server answered with an error status; `retry_after` is in seconds, 0 if it did not say."""

    def __init__(self, status: int, message: str, retry_after: float = 0.0) -> None:
        super().__init__(f"{message} ({status})")
        self.status = status
        self.retry_after = retry_after

    @property
    def is_of_the_past(self) -> bool:
        """Say whether what it is about is gone, or goes with its namespace, in which nothing can be made any more."""
        return self.status == 404 or (self.status == 403 and "because it is being terminated" in str(self))
