"""A private key that stands in a field for certificates leaves in no plan, no request and no line."""

from __future__ import annotations

import base64
import json

from tests.builders import certificate_for, ingress, secret
from tests.e2e.stage import Stage

CERTIFICATE, KEY = certificate_for("bank.com")
BANK = ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})
BODY = "".join(KEY.split("-----")[2].split())[:60]
"""The beginning of the key itself, whatever stands around it."""


def test_it_is_in_nothing_that_is_said(stage: Stage) -> None:
    stage.put("bank", BANK, secret("cert", CERTIFICATE + KEY, KEY))
    plan = stage.ako("plan", "--format", "json")
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert "PrivateKeyInCertificate" in stage.reasons()
    (held,) = (item for name, item in stage.avi.ours().items() if name.startswith("sslkeyandcertificate/"))
    assert held["certificate"]["certificate"].split() == CERTIFICATE.split()
    shown = json.dumps({**held, "key": ""}) + plan.stdout + plan.stderr + done.stdout + done.stderr
    shown += stage.report.read_text(encoding="utf-8")
    for text in ("PRIVATE KEY", BODY, base64.b64encode(KEY.encode()).decode()[:60]):
        assert text not in shown
        assert text.replace(" ", "") not in "".join(shown.replace("\\n", "").split())


def test_one_within_an_unfinished_block_is_not_taken_for_a_part_of_it(stage: Stage) -> None:
    open_ended = CERTIFICATE + CERTIFICATE.partition("-----END")[0] + KEY + CERTIFICATE
    stage.put("bank", BANK, secret("cert", open_ended, KEY))
    stage.ako("run", "--once")
    for name, item in stage.avi.ours().items():
        if name.startswith("sslkeyandcertificate/"):
            assert "PRIVATE KEY" not in json.dumps({**item, "key": ""})
