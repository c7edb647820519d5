"""The forms in which bodies come and answers go."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import yaml

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import Manifest, Resource
from ako.testing.kube_api.structural import unknown_fields
from ako.testing.listener import Request, Response

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

View = Literal["json", "yaml", "metadata"]

REPRESENTATIONS = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_BODY_TYPES = {"", "application/json", "application/yaml"}
_JSON = {"application/json", "application/*", "*/*"}
_METADATA = {"PartialObjectMetadata", "PartialObjectMetadataList"}
_META_VERSION = "meta.k8s.io/v1"


def media_type(request: Request) -> str:
    """Return the type of a request's body without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip()


def accepted(header: str) -> list[tuple[str, dict[str, str]]]:
    """Return the types of an Accept header with their parameters, in the order written."""
    found = []
    for one in header.split(","):
        kind, *parameters = (part.strip() for part in one.split(";"))
        found.append((kind, dict(pair.partition("=")[::2] for pair in parameters)))
    return found


def view_of(request: Request) -> View:
    """Return the form in which a client wants its answer: the first it names that can be had.

    Raises:
        ApiError: 406, none of them can be had; tables are among what cannot.
    """
    for kind, parameters in accepted(request.headers.get("accept") or "*/*"):
        form = parameters.get("as", "")
        if kind in _JSON and form in _METADATA:
            return "metadata"
        if kind in _JSON and not form:
            return "json"
        if kind == "application/yaml" and not form:
            return "yaml"
    message = f"406: Not Acceptable\n\nAvailable representations: {REPRESENTATIONS}"
    raise errors.ApiError(406, "NotAcceptable", message, {})


def viewed(response: Response, view: View) -> Response:
    """Return an answer in the form asked for; refusals and streams of whole objects stay as they are."""
    if view == "json" or response.status >= 300:
        return response
    if response.stream is not None:
        return response if view == "yaml" else _viewed_stream(response)
    document = _decode(response.body)
    if view == "yaml":
        return Response(
            response.status, yaml.safe_dump(document).encode(), "application/yaml", headers=response.headers
        )
    shown = document if document.get("kind") == "Status" else _metadata_only(document)
    return Response(response.status, _encode(shown) + b"\n", headers=response.headers)


def _viewed_stream(response: Response) -> Response:
    whole = response.stream
    assert whole is not None  # noqa: S101 - the caller has looked

    def stream(gone: Any) -> Any:
        for batch in whole(gone):
            yield b"".join(_viewed_line(line) for line in batch.splitlines())

    return Response(response.status, stream=stream, headers=response.headers)


def _viewed_line(line: bytes) -> bytes:
    event = _decode(line)
    if event["type"] != "ERROR":
        event["object"] = _metadata_only(event["object"])
    return _encode(event) + b"\n"


def _metadata_only(document: Manifest) -> Manifest:
    if "items" in document:
        items = [_metadata_only(item) for item in document["items"]]
        head = {"kind": "PartialObjectMetadataList", "apiVersion": _META_VERSION}
        return {**head, "metadata": document["metadata"], "items": items}
    return {"kind": "PartialObjectMetadata", "apiVersion": _META_VERSION, "metadata": document["metadata"]}


def unknown_format(accepted_types: str) -> errors.ApiError:
    """Return the 415 of a body that cannot be read."""
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted_types}"
    return errors.ApiError(415, "UnsupportedMediaType", message)


def read_body(request: Request, resource: Resource) -> Manifest:
    """Return the object a create or update sends.

    Raises:
        ApiError: 415 or 400, it cannot be read or is of another kind.
    """
    kind = media_type(request)
    if kind not in _BODY_TYPES:
        raise unknown_format(REPRESENTATIONS)
    must = f"the object provided is unrecognized (must be of type {resource.kind})"
    try:
        body = yaml.safe_load(request.body) if kind == "application/yaml" else _decode(request.body)
    except (msgspec.DecodeError, yaml.YAMLError) as problem:
        why = f"couldn't get version/kind; json parse error: {problem} ({request.body.decode(errors='replace')})"
        raise errors.bad_request(f"{must}: {why}") from None
    if not isinstance(body, dict):
        raise errors.bad_request(must)
    check_kind(body, resource)
    return body


def check_kind(body: Manifest, resource: Resource) -> None:
    """Raise 400 if a body says that it is of another kind."""
    sent = body.get("kind", resource.kind), body.get("apiVersion", resource.api_version)
    if sent != (resource.kind, resource.api_version):
        scheme = f'no kind "{sent[0]}" is registered for version "{sent[1]}" in scheme "pkg/runtime/scheme.go:111"'
        version = str(sent[1]).rpartition("/")[2]
        raise errors.bad_request(f'{sent[0]} in version "{version}" cannot be handled as a {resource.kind}: {scheme}')


def without_unknown(request: Request, resource: Resource, body: Manifest) -> tuple[Manifest, list[str]]:
    """Return a body without the fields that its kind does not have, and warnings of them if asked for.

    Of built-in kinds only the fields of the first level are known.

    Raises:
        ApiError: 400, there are such fields and `fieldValidation=Strict`.
    """
    unknown = unknown_fields(body, resource.known_fields)
    words = [f'unknown field "{field}"' for field in unknown]
    level = request.query.get("fieldValidation") or "Warn"
    if words and level == "Strict":
        kind = resource.kind
        why = "strict decoding error: " + ", ".join(words)
        raise errors.bad_request(
            why if resource.custom else f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}'
        )
    if words and not resource.custom:
        body = {field: value for field, value in body.items() if field not in unknown}
    return body, words if level == "Warn" else []
