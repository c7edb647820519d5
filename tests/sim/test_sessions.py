"""Logins, CSRF, versions and tenants."""

from __future__ import annotations

import pytest
import requests

from ako.sim import Baseline, Simulator, SimulatorOptions
from tests.sim.client import Client, fixture, pool, refused


def test_login_answers_with_cookies_and_the_documented_body(avi: Client) -> None:
    documented = fixture("login_response")["body"]
    body = avi.login.json()
    assert body.keys() >= documented.keys()
    assert body["user"].keys() == documented["user"].keys()
    assert set(body["version"]) == set(documented["version"])
    cookies = avi.login.cookies
    assert cookies["sessionid"] == cookies["avi-sessionid"]
    assert avi.login.headers["AVI_API_VERSION"] == "16_4_2"


def test_login_takes_a_form_too(sim: Simulator) -> None:
    form = {"username": "admin", "password": "admin"}
    assert requests.post(f"{sim.url}/login", data=form).status_code == 200


@pytest.mark.parametrize("body", [{"username": "admin", "password": "x"}, {"username": "x", "password": "admin"}, {}])
def test_bad_credentials(sim: Simulator, body: dict[str, str]) -> None:
    expected = fixture("errors")["bad_login"]
    response = requests.post(f"{sim.url}/login", json=body)
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])


@pytest.mark.parametrize("token", [None, "x" * 32])
def test_wrong_csrf_token_is_a_bare_text_and_leaves_the_session(avi: Client, token: str | None) -> None:
    expected = fixture("errors")["bad_csrf"]
    response = avi.call("POST", "/api/pool", pool(), {"X-CSRFToken": token})
    assert (response.status_code, response.text) == (expected["status"], expected["raw"])
    assert response.headers["Content-Type"] == "application/json"
    assert avi.get("/api/pool").status_code == 200


@pytest.mark.parametrize(
    "referer", [None, "", "x", "http", "http://", "http://elsewhere/", "http://127.0.0.1/", "http://127.0.0.1:99999/"]
)
def test_writes_need_a_referer_of_their_own_host(avi: Client, referer: str | None) -> None:
    refused(avi.call("POST", "/api/pool", pool(), {"Referer": referer}), 403, "Referer")
    assert avi.call("GET", "/api/pool", headers={"Referer": referer}).status_code == 200


def test_a_referer_may_name_the_usual_port_and_a_page(avi: Client) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in avi.session.cookies.items())
    named = {"Host": "Avi.example", "Referer": "http://avi.example:80/#!/", "Cookie": cookies}
    assert avi.call("POST", "/api/pool", pool(), named).status_code == 201


def test_without_session_401_but_readiness_is_open(sim: Simulator) -> None:
    assert requests.get(f"{sim.url}/api/pool").status_code == 401
    assert requests.get(f"{sim.url}/api/initial-data").json()["version"]["Version"] == "20.1.5"
    assert requests.get(f"{sim.url}/api/cluster/status").status_code == 200


def test_expired_and_logged_out_sessions(sim: Simulator, avi: Client) -> None:
    assert requests.post(f"{sim.url}/_sim/sessions/expire").status_code == 204
    assert avi.get("/api/pool").status_code == 401
    with Client(sim.url) as again:
        assert again.call("POST", "/logout").status_code == 200
        assert again.get("/api/pool").status_code == 401


def test_a_changed_csrf_token_leaves_the_session_but_refuses_its_writes(sim: Simulator, avi: Client) -> None:
    expected = fixture("errors")["bad_csrf"]
    assert requests.post(f"{sim.url}/_sim/sessions/change-csrf").status_code == 204
    assert avi.get("/api/pool").status_code == 200
    response = avi.call("POST", "/api/pool", pool())
    assert (response.status_code, response.text) == (expected["status"], expected["raw"])
    with Client(sim.url) as again:
        again.create("pool", pool())
    refused(requests.post(f"{sim.url}/_sim/sessions/nothing"), 404, "/_sim/sessions/change-csrf")


def test_token_login_and_one_time_tokens(sim: Simulator, avi: Client) -> None:
    token = avi.create("user-token", {"hours": "240"})
    assert avi.get("/api/user-token").json()["results"] == [token]

    def log_in(value: str) -> int:
        return requests.post(f"{sim.url}/login", json={"username": "admin", "token": value}).status_code

    assert [log_in(token["token"]) for _ in range(2)] == [200, 200]
    once = avi.create("user-token", {"hours": 0})["token"]
    assert [log_in(once) for _ in range(2)] == [200, 401]
    assert avi.call("DELETE", f"/api/user-token/{token['uuid']}").status_code == 204
    assert log_in(token["token"]) == 401


def test_basic_authentication_only_where_allowed() -> None:
    portal = {"portal_configuration": {"allow_basic_authentication": True}}
    for baseline, status in ((None, 401), (Baseline.of({"systemconfiguration": portal}), 200)):
        with Simulator(SimulatorOptions(baseline=baseline)) as sim:
            assert requests.get(f"{sim.url}/api/pool", auth=("admin", "admin")).status_code == status


@pytest.mark.parametrize("version", ["20.1.6", "21.1.1", "nonsense", ""])
def test_invalid_versions_are_refused_on_reading_too(avi: Client, version: str) -> None:
    refused(avi.call("GET", "/api/pool", headers={"X-Avi-Version": version}), 400, "Invalid version")


def test_fields_newer_than_the_request_are_refused_by_name(avi: Client) -> None:
    expected = fixture("errors")["field_too_new"]
    refused(
        avi.call("POST", "/api/pool", pool(enable_http2=True), {"X-Avi-Version": "18.2.8"}),
        400,
        expected["body"]["error"],
    )


def test_version_is_checked_before_values(avi: Client) -> None:
    body = pool(default_server_port="text", enable_http2=True)
    refused(avi.call("POST", "/api/pool", body, {"X-Avi-Version": "18.2.8"}), 400, "introduced in later versions")


def test_fields_newer_than_the_controller_are_refused(avi: Client) -> None:
    refused(avi.call("POST", "/api/pool", pool(graceful_hm_down_disable_timeout=5)), 400, "v30_2_1")


def test_older_requests_see_an_older_model(avi: Client) -> None:
    uuid = avi.create("pool", pool(markers=[{"key": "a", "values": ["b"]}]))["uuid"]
    now = avi.get(f"/api/pool/{uuid}").json()
    old = avi.call("GET", f"/api/pool/{uuid}", headers={"X-Avi-Version": None})
    assert old.headers["AVI_API_VERSION"] == "16_4_2"
    assert "markers" in now
    assert "markers" not in old.json()
    assert old.json()["server_count"] == 1


def test_release_branches_have_their_own_since() -> None:
    with Simulator(SimulatorOptions(version="20.1.6")) as sim, Client(sim.url, version="20.1.6") as avi:
        assert "maintenance_mode" not in avi.read("cloud", "Default-Cloud")  # since 20.1.7,21.1.3
    with Simulator(SimulatorOptions(version="20.1.7")) as sim, Client(sim.url, version="20.1.7") as avi:
        assert avi.read("cloud", "Default-Cloud")["maintenance_mode"] is False
    with Simulator(SimulatorOptions(version="21.1.1")) as sim, Client(sim.url, version="21.1.1") as avi:
        cloud = avi.read("cloud", "Default-Cloud")
        assert "maintenance_mode" not in cloud
        assert cloud["configpb_attributes"]["version"] >= 1


def test_unknown_tenant(avi: Client) -> None:
    expected = fixture("errors")["tenant_missing"]
    response = avi.call("GET", "/api/pool", headers={"X-Avi-Tenant": "nope"})
    assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_tenants_see_their_own_objects_and_the_shared_ones(sim: Simulator, avi: Client) -> None:
    tenant = avi.create("tenant", {"name": "team-a"})
    assert tenant["config_settings"]["se_in_provider_context"] is True
    avi.create("pool", pool("of-admin"))
    with Client(sim.url, tenant="team-a") as other:
        assert other.get("/api/pool").json() == {"count": 0, "results": []}
        own = other.create("pool", pool("of-admin"))
        assert own["tenant_ref"] == f"{sim.url}/api/tenant/{tenant['uuid']}#team-a"
        assert other.get(f"/api/pool/{own['uuid']}").status_code == 200
        assert avi.get(f"/api/pool/{own['uuid']}").status_code == 404
        for kind in ("cloud", "serviceenginegroup", "vrfcontext", "network", "tenant", "applicationprofile"):
            assert other.get(f"/api/{kind}").json()["count"] > 0, kind
    assert avi.call("GET", "/api/pool", headers={"X-Avi-Tenant": "*"}).json()["count"] == 2
    assert avi.call("POST", "/api/pool", pool("x"), {"X-Avi-Tenant": "*"}).status_code == 400
    by_uuid = {"X-Avi-Tenant": None, "X-Avi-Tenant-UUID": tenant["uuid"]}
    assert avi.call("GET", "/api/pool", headers=by_uuid).json()["count"] == 1


def test_tenants_do_not_see_the_profiles_of_each_other(sim: Simulator, avi: Client) -> None:
    for name in ("team-a", "team-b"):
        avi.create("tenant", {"name": name})
    with Client(sim.url, tenant="team-a") as one, Client(sim.url, tenant="team-b") as other:
        for kind, fields in (
            ("healthmonitor", {"type": "HEALTH_MONITOR_TCP"}),
            ("ipamdnsproviderprofile", {"type": "IPAMDNS_TYPE_INTERNAL"}),
            ("labelgroup", {}),
        ):
            shared = avi.create(kind, {"name": "of-admin", **fields})
            own = one.create(kind, {"name": "of-a", **fields})
            assert other.get(f"/api/{kind}/{shared['uuid']}").status_code == 200
            is_everybodys = kind == "labelgroup"  # of no tenant at all
            assert other.get(f"/api/{kind}?name=of-a").json()["count"] == is_everybodys
            assert (other.get(f"/api/{kind}/{own['uuid']}").status_code == 200) == is_everybodys
        monitor = one.read("healthmonitor", "of-a")["uuid"]
        for form in (monitor, f"/api/healthmonitor/{monitor}", "/api/healthmonitor?name=of-a"):
            answer = other.call("POST", "/api/pool", pool(health_monitor_refs=[form]))
            refused(answer, 404, "HealthMonitor object not found!")


@pytest.mark.parametrize("asked", ["team-b", "admin"])
def test_a_reference_that_names_a_tenant_opens_no_door(sim: Simulator, avi: Client, asked: str) -> None:
    for name in ("team-a", "team-b"):
        avi.create("tenant", {"name": name})
    reference = f"/api/pool?name=pb&tenant={asked}"
    with Client(sim.url, tenant=asked) as owner, Client(sim.url, tenant="team-a") as stranger:
        owner.create("pool", pool("pb"))
        members = [{"pool_ref": reference}]
        refused(
            stranger.call("POST", "/api/poolgroup", {"name": "g", "members": members}), 404, "Pool object not found!"
        )
        owner.create("poolgroup", {"name": "g", "members": members})
        system = "/api/healthmonitor?name=System-TCP&tenant=admin"
        stranger.create("pool", pool(health_monitor_refs=[system]))


def test_objects_of_another_tenant_cannot_be_changed(sim: Simulator, avi: Client) -> None:
    expected = fixture("errors")["vrf_no_permission"]
    avi.create("tenant", {"name": "team-a"})
    vrf = avi.read("vrfcontext", "global")
    with Client(sim.url, tenant="team-a") as other:
        response = other.call("PUT", f"/api/vrfcontext/{vrf['uuid']}", vrf)
        assert (response.status_code, response.json()) == (expected["status"], expected["body"])


def test_tenant_of_the_body_must_be_that_of_the_request(avi: Client) -> None:
    avi.create("tenant", {"name": "team-a"})
    refused(avi.call("POST", "/api/pool", pool(tenant_ref="/api/tenant/?name=team-a")), 400, "tenant_ref")
