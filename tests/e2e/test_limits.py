"""A host past a limit of the Controller is refused alone, with an Event, never its neighbours."""

from __future__ import annotations

from tests.builders import endpoints, ingress, service
from tests.e2e.stage import Stage


def test_past_the_number_of_names_the_oldest_are_served(stage: Stage) -> None:
    stage.configure(L7Settings={"shardVSSize": "SMALL"})
    stage.avi.limit(dns_info=4)  # the name of the virtual service itself is one of them
    for number in range(5):
        created = f"2026-01-0{number + 1}T00:00:00Z"
        stage.put(
            f"h{number}",
            ingress(f"i{number}", (f"h{number}.com", "/", f"s{number}:80"), created=created),
            service(f"s{number}"),
            endpoints(f"s{number}", f"10.2.0.{number}"),
        )
    stage.remove("shop")
    done = stage.ako("run", "--once", "--report", str(stage.report))
    names = [info["fqdn"] for info in stage.avi.named("vsvip", "c--Shared-L7-0")["dns_info"]]
    assert names[1:] == ["h0.com", "h1.com", "h2.com"]
    assert "Ingress/default/i3: Rejected: the Avi Controller refused what host h3.com adds" in done.stderr
    refused = {line["object"].rsplit("/", 1)[1] for line in stage.reported() if "event" in line}
    assert refused == {"i3", "i4"}
    live = {line["object"].rsplit("/", 1)[1] for line in stage.reported() if line.get("status")}
    assert live == {"i0", "i1", "i2"}
    assert "virtualservice/c--Shared-L7-0" in stage.avi.ours()
