"""Who asks, and whether they may: tokens and users, impersonation, roles, and refusals laid down by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ako.testing.kube_api import errors
from ako.testing.kube_api.attributes import Attributes, User
from ako.testing.kube_api.rbac import allowed_by
from ako.testing.kube_api.store import Store

_EVERYBODY = "system:authenticated"
MASTERS = "system:masters"
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


@dataclass(eq=False)
class Refusal:
    """A verb on a resource that is refused to everybody until cleared; "*" stands for all."""

    verb: str
    resource: str
    active: bool = True

    def clear(self) -> None:
        """Allow it again."""
        self.active = False

    def hits(self, asked: Attributes) -> bool:
        """Say whether it refuses a request."""
        return self.active and self.verb in {"*", asked.verb} and self.resource in {"*", asked.what}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed, and by which binding."""

    allowed: bool
    reason: str = ""


def _signed_in(name: str, groups: tuple[str, ...]) -> User:
    """Return a user with the groups that everybody of that name belongs to."""
    account = name.removeprefix("system:serviceaccount:")
    accounts = ("system:serviceaccounts", f"system:serviceaccounts:{account.partition(':')[0]}")
    given = (*groups, *(accounts if account != name else ()), _EVERYBODY)
    return User(name, tuple(dict.fromkeys(given)))


class Access:
    """Decides on authentication and authorisation.

    The owner of the stand-in may do everything, as a member of `system:masters` may; users that were added may do what
    the roles bound to them say, and a client without a token is the anonymous user once a token is asked for.
    """

    def __init__(self, store: Store, token: str, user: str) -> None:
        self.token = token
        self.owner = User(user, (MASTERS, _EVERYBODY))
        self._store = store
        self._users: dict[str, User] = {}
        self._refusals: list[Refusal] = []

    def add_user(self, name: str, groups: tuple[str, ...], token: str) -> str:
        """Let a bearer token stand for a user; one that the user had before is no longer good."""
        self._users = {known: user for known, user in self._users.items() if user.name != name}
        self._users[token] = _signed_in(name, groups)
        return token

    def token_of(self, name: str) -> str:
        """Return the bearer token of a user.

        Raises:
            LookupError: there is no such user.
        """
        if name in {"", self.owner.name}:
            return self.token
        for token, user in self._users.items():
            if user.name == name:
                return token
        known = ", ".join([self.owner.name, *(user.name for user in self._users.values())])
        raise LookupError(f"there is no user {name!r}; known are: {known}")

    def refuse(self, verb: str, resource: str) -> Refusal:
        """Refuse a verb (`list`, `*`) on a resource (`ingresses`, `ingresses/status`, `*`)."""
        refusal = Refusal(verb, resource)
        self._refusals.append(refusal)
        return refusal

    def authenticate(self, headers: Mapping[str, str]) -> User:
        """Return who asks, or whom they ask to be taken for.

        Raises:
            ApiError: 401, the token is not known; 403, they may not be taken for that user.
        """
        user = self._bearer(headers.get("authorization", ""))
        wanted = headers.get("impersonate-user", "")
        if not wanted:
            return user
        groups = tuple(filter(None, headers.get("impersonate-group", "").split(", ")))
        self.authorize(Attributes(user, "impersonate", "", "users", name=wanted))
        for group in groups:
            self.authorize(Attributes(user, "impersonate", "", "groups", name=group))
        return _signed_in(wanted, groups)

    def _bearer(self, authorization: str) -> User:
        token = authorization.removeprefix("Bearer ")
        if token and (user := self._users.get(token)):
            return user
        if token == self.token or not self.token:
            return self.owner
        if not authorization:
            return ANONYMOUS
        raise errors.unauthorized()

    def decide(self, asked: Attributes) -> Decision:
        """Say whether a request is allowed."""
        if any(refusal.hits(asked) for refusal in self._refusals):
            return Decision(allowed=False)
        if MASTERS in asked.user.groups:
            return Decision(allowed=True)
        with self._store.lock:
            reason = allowed_by(self._store, asked)
        return Decision(bool(reason), reason)

    def authorize(self, asked: Attributes) -> None:
        """Raise 403 unless the request is allowed."""
        if not self.decide(asked).allowed:
            raise errors.forbidden(asked.group, asked.resource, asked.about, asked.complaint())
