"""A TLS host with very many paths: one policy set, and a path more or less is its own objects and a write of that."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.builders import Manifest, ingress, tls_secret
from tests.e2e.stage import PREFIX, Stage

HOST = "many.com"
PATHS = tuple(f"/p{number:03}" for number in range(200))
NAME = f"{PREFIX}default-{HOST}"
NEW = f"{NAME}_new-many"


def many(*paths: str) -> Manifest:
    return ingress("many", *((HOST, path, "web:80") for path in paths), tls={HOST: "cert"})


def paths_of(stage: Stage) -> Sequence[str]:
    """Give the paths of the rules of the host's policy set, in order."""
    policies = stage.avi.ours().get(f"httppolicyset/{NAME}")
    rules = policies["http_request_policy"]["rules"] if policies else []
    return [rule["match"]["path"]["match_str"][0] for rule in rules]


@pytest.mark.parametrize("mode", ["ako", "kubernetes"])
def test_a_path_more_or_less_is_a_few_writes(stage: Stage, mode: str) -> None:
    stage.configure(L7Settings={"pathMatching": mode})
    stage.put("many", tls_secret("cert", HOST), many(*PATHS))
    stage.converge()
    per_path = {"ako": 1, "kubernetes": 2}[mode]
    assert len(paths_of(stage)) == per_path * len(PATHS)
    objects = stage.avi.ours()
    assert [name for name in objects if name.startswith("httppolicyset/") and HOST in name] == [f"httppolicyset/{NAME}"]
    (attached,) = objects[f"virtualservice/{PREFIX}{HOST}"]["http_policies"]
    assert attached["http_policy_set_ref"].endswith(f"#{NAME}")
    mark = stage.avi.mark()
    stage.put("many", tls_secret("cert", HOST), many(*PATHS, "/new"))
    stage.converge()
    written = [(write.method, write.model, write.name) for write in stage.avi.writes_since(mark)]
    assert sorted(written[:2]) == [("POST", "pool", NEW), ("POST", "poolgroup", NEW)]
    assert [(model, name) for _, model, name in written[2:]] == [("httppolicyset", NAME)]
    assert "/new" in paths_of(stage)
    mark = stage.avi.mark()
    stage.put("many", tls_secret("cert", HOST), many(*PATHS))
    stage.converge()
    written = [(write.method, write.model, write.name) for write in stage.avi.writes_since(mark)]
    assert [(model, name) for _, model, name in written] == [
        ("httppolicyset", NAME),
        ("poolgroup", NEW),
        ("pool", NEW),
    ]
    assert len(paths_of(stage)) == per_path * len(PATHS)
