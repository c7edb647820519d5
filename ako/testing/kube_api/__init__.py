"""A Kubernetes API server stand-in: what a controller uses of one, in threads of the test process.

```python
with KubeApi() as kube:
    kube.apply(ingress, service, endpoint_slice)
    ...  # point the controller at kube.write_kubeconfig(path)
    assert kube.get("Ingress", "shop", "web")["status"]
```

It also runs by itself: `python -m ako.testing.kube_api --port 8001`.
"""

from ako.testing.kube_api.access import Refusal
from ako.testing.kube_api.errors import ApiError
from ako.testing.kube_api.faults import Effect, Fault
from ako.testing.kube_api.resources import Manifest
from ako.testing.kube_api.route import ROUTE_CRD
from ako.testing.kube_api.server import KubeApi, RequestRecord

__all__ = ["ROUTE_CRD", "ApiError", "Effect", "Fault", "KubeApi", "Manifest", "Refusal", "RequestRecord"]
