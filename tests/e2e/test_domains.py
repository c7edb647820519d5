"""All names under a domain, from the command line to the statuses."""

from __future__ import annotations

from tests.builders import ingress, tls_secret
from tests.e2e.stage import Stage


def test_names_under_a_domain_are_served_and_the_status_names_none(stage: Stage) -> None:
    """The API server takes a host with a star in a status for no host name."""
    stage.put("cert", tls_secret("cert", "*.tls.com"))
    stage.put("plain", ingress("plain", ("*.plain.com", "/", "web:80")))
    stage.put("secure", ingress("secure", ("*.tls.com", "/", "web:80"), tls={"*.tls.com": "cert"}))
    stage.converge("--report", str(stage.report))
    statuses = {
        line["object"]: line["status"]["loadBalancer"]["ingress"] for line in stage.reported() if "status" in line
    }
    for name in ("plain", "secure"):
        (entry,) = statuses[f"networking.k8s.io/v1/Ingress/default/{name}"]
        assert entry.keys() == {"ip"}
    child = stage.avi.named("virtualservice", "c--*.tls.com")
    assert child["vh_domain_name"] == ["*.tls.com"]
    assert stage.ako("plan").returncode == 0
    for name in ("plain", "secure"):  # one by one: both at once would wait for being confirmed
        stage.remove(name)
        stage.converge()
    assert not [name for name in stage.avi.ours() if "*" in name]


def test_a_default_backend_serves_what_no_path_matches(stage: Stage) -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    stage.put("shop", ingress("shop", ("shop.com", "/x", "web:80"), defaultBackend=backend))
    stage.converge()
    group = stage.avi.named("poolgroup", "c--Shared-L7-7")
    assert sorted(member["priority_label"] for member in group["members"]) == ["shop.com", "shop.com/x"]
    assert stage.ako("plan").returncode == 0
