"""Where the objects of a scenario live: in the API stand-in, on an API server, or in a folder of manifests.

The API server is the one of the kubeconfig that `AKO_TEST_KUBECONFIG` names. Whoever that is for may do everything
there, and the cluster is for tests alone: it is swept first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ako.testing import KubeApi
from ako.testing.kube_api.route import ROUTE_CRD
from ako.testing.listener import Response
from tests.envtest.named import real_server
from tests.envtest.real_cluster import RealCluster
from tests.envtest.sweeping import sweep
from tests.rights.shipped import ACCOUNT
from tests.scenarios.manifest_folder import ManifestFolder
from tests.scenarios.scenario import Scenario
from tests.scenarios.scenario_cluster import ApiServer, definition


@contextmanager
def api_server(scenario: Scenario, *, serves_slices: bool = True, folder: Path | None = None) -> Iterator[ApiServer]:
    """Give an API server, or manifests inside a folder, with the kinds of a scenario and nothing else.

    Raises:
        LookupError: it is to know no EndpointSlices, and does.
    """
    definitions = [*([ROUTE_CRD] if scenario.platform == "openshift" else []), *map(definition, scenario.crds)]
    if folder is not None:
        manifests = ManifestFolder(folder)
        manifests.apply(*definitions)
        yield manifests
    elif kubeconfig := real_server():
        with closing(RealCluster(kubeconfig)) as cluster:
            sweep(cluster, definitions, serves_slices=serves_slices)
            yield cluster
    else:
        with KubeApi() as kube:
            kube.add_user(ACCOUNT)
            kube.apply(*definitions)
            if not serves_slices:
                kube.fault("/apis/discovery.k8s.io", status=404)
                kube.add_path("/apis", lambda _: Response(200, b'{"kind":"APIGroupList","groups":[]}'))
            yield kube
