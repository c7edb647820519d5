"""Who may do what: a bearer token for everything, and refusals per verb and resource."""

from __future__ import annotations

from dataclasses import dataclass

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import Resource


@dataclass(eq=False)
class Refusal:
    """A verb on a resource that is refused until cleared; "*" stands for all."""

    verb: str
    resource: str
    active: bool = True

    def clear(self) -> None:
        """Allow it again."""
        self.active = False


class Access:
    """Decides on authentication and authorisation."""

    def __init__(self, token: str, user: str) -> None:
        self.token = token
        self.user = user
        self._refusals: list[Refusal] = []

    def refuse(self, verb: str, resource: str) -> Refusal:
        """Refuse a verb (`list`, `*`) on a resource (`ingresses`, `ingresses/status`, `*`)."""
        refusal = Refusal(verb, resource)
        self._refusals.append(refusal)
        return refusal

    def authenticate(self, authorization: str) -> None:
        """Raise 401 unless the right token is sent or none is needed."""
        if self.token and authorization != f"Bearer {self.token}":
            raise errors.unauthorized()

    def allows(self, verb: str, resource: str) -> bool:
        """Say whether a verb on `plural` or `plural/subresource` is allowed."""
        return not any(
            refusal.active and refusal.verb in {"*", verb} and refusal.resource in {"*", resource}
            for refusal in self._refusals
        )

    def authorize(self, verb: str, resource: Resource, subresource: str, namespace: str, name: str) -> None:
        """Raise 403 unless the verb is allowed."""
        if not self._refusals:
            return
        what = f"{resource.plural}/{subresource}" if subresource else resource.plural
        if self.allows(verb, what):
            return
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        why = f'User "{self.user}" cannot {verb} resource "{what}" in API group "{resource.group}" {where}'
        raise errors.forbidden(resource, name, why)
