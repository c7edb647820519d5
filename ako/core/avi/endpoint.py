"""Where the Avi Controller is and who we are there: what the settings say to a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from ako.core.base.places import Places


@dataclass(frozen=True, kw_only=True)
class AviEndpoint:
    """One Controller and one user of it.

    Attributes:
        url: `https://<host>[:<port>]`; `http://` for the simulator.
        username: the user to log in as.
        password: used if no token is given.
        token: sent instead of the password if not empty.
        tenant: for requests that do not name one.
        ca_pem: PEM certificates, the only ones trusted; None or empty: those that the system trusts.
        trusts_anybody: the Controller's certificate is not verified.
        version: the API version asked for; empty: the newest that both sides know.
        concurrency: most connections at a time; further callers wait.
        timeout: seconds to connect, and seconds without a byte of the answer.
        places: where these settings were given, for errors that name them.
    """

    url: str
    username: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    tenant: str = "admin"
    ca_pem: str | None = field(default=None, repr=False)
    trusts_anybody: bool = False
    version: str = ""
    concurrency: int = 16
    timeout: tuple[float, float] = (3.05, 60.0)
    places: Places = field(default_factory=Places, repr=False, compare=False)
