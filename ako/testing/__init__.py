"""What plugin authors test with: stand-ins for the systems a controller talks to."""

from ako.testing.kube_api import KubeApi

__all__ = ["KubeApi"]
