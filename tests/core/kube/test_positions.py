"""The line of what a message is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.core.kube.manifests import read_manifests
from ako.core.kube.positions import Positions

TEXT = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: web}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata:
    name: shop
    annotations:
      example.com/mode: odd
      example.com/size: "17"
  spec:
    tls:
    - hosts: [a.shop.com, Shop.com]
      secretName: web
    rules:
    - host: Shop.com
      http:
        paths:
        - path: /
          backend: {service: {name: web}}
        - path: /cart
          backend:
            service:
              name: cart
              port: {number: 8080}
    - host: a.shop.com
"""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("spec.rules[1].host: 'a.shop.com' is no host name", 27),
        ("spec.rules[0].host is not set: shop.default", 17),
        ("spec.tls[0] names no hosts", 14),
        ("spec.rules[7] is too much", 16),
        ("Invalid: spec.wildcard: nothing is named", 5),
        ("annotation example.com/size has no effect", 11),
        ("annotation example.com/mode is odd", 10),
        ("shop.com/cart: service default/cart has no TCP port 8080; it has -:80/TCP.", 26),
        ("shop.com/cart: service default/cart does not exist.", 25),
        ("secret: default/web does not exist (host shop.com)", 15),
        ("shop.com/: service default/web does not exist.", 21),
        ("host a.shop.com is in no domain", 27),
        ("nothing of it is served", 5),
        ("carts of webs are on shop.community", 5),
    ],
)
def test_line_of_what_a_message_names(tmp_path: Path, words: str, line: int) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(TEXT)
    _, shop = read_manifests(file)
    assert Positions().line_about(file, shop, words) == line


def test_a_file_that_is_gone_leaves_the_line_of_the_object(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text('{"apiVersion": "v1", "kind": "Service",\n "metadata": {"name": "web"},\n "spec": {"type": "odd"}}')
    (web,) = read_manifests(file)
    assert Positions().line_about(file, web, "spec.type is odd") == 3
    file.unlink()
    assert Positions().line_about(file, web, "spec.type is odd") == web.line
