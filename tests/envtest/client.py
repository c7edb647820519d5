"""HTTP with a real API server, as one who may do everything."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.waiting import PATIENCE


class Refused(Exception):  # noqa: N818 - a name says what happened
    """The API server answered with an error; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} ({status})")
        self.status = status


class Client:
    """One connection, with the first user of a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        self.cluster: dict[str, Any] = cluster
        self.server = str(cluster["server"]).rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {user['token']}"
        self._http.verify = cluster.get("certificate-authority", True)

    def read(self, path: str) -> Any:
        """Give the JSON of a path; `Refused` if there is none."""
        return self.send("GET", path)

    def find(self, path: str) -> Any | None:
        """Give the JSON of a path, None if nothing is there, or nobody yet who could say."""
        try:
            return self.read(path)
        except Refused as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE}:
                return None
            raise

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and give the JSON of the answer; `Refused` if it is an error."""
        answer = self._http.request(method, self.server + path, json=body, timeout=PATIENCE)
        if not answer.ok:
            raise Refused(answer.status_code, answer.text[:600])
        return answer.json()

    def lines(self, path: str) -> list[str]:
        """Give the lines of an answer that ends by itself, such as a watch with a timeout."""
        answer = self._http.get(self.server + path, timeout=PATIENCE)
        if not answer.ok:
            raise Refused(answer.status_code, answer.text[:600])
        return answer.text.splitlines()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
