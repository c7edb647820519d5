"""Health monitors: how the servers of a pool are asked whether they serve."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType, field

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject


class MonitorTls(Struct, frozen=True, kw_only=True):
    """How a monitor speaks TLS; what is unset is as the Controller has it by default."""

    ssl_profile_ref: AviRef
    pki_profile_ref: AviRef | UnsetType = UNSET
    ssl_key_and_certificate_ref: AviRef | UnsetType = UNSET
    server_name: str | UnsetType = UNSET


class HttpMonitor(Struct, frozen=True, kw_only=True):
    """What is asked over HTTP, and by what answer a server is up, or in maintenance.

    Attributes:
        http_request: the request line, and headers after it; by default `GET / HTTP/1.0`.
        http_response_code: `HTTP_2XX` and the like; one at least.
        http_response: a text that has to be in the answer.
        maintenance_code: four codes at most.
        exact_http_request: nothing is added to the request.
    """

    http_request: str | UnsetType = UNSET
    http_request_body: str | UnsetType = UNSET
    http_response_code: tuple[str, ...] | UnsetType = UNSET
    http_response: str | UnsetType = UNSET
    maintenance_code: tuple[int, ...] | UnsetType = UNSET
    maintenance_response: str | UnsetType = UNSET
    exact_http_request: bool | UnsetType = UNSET
    response_size: int | UnsetType = UNSET
    auth_type: str | UnsetType = UNSET
    ssl_attributes: MonitorTls | UnsetType = UNSET


class TcpMonitor(Struct, frozen=True, kw_only=True):
    """What is sent over TCP, if anything, and what has to come back; `tcp_half_open` asks for a connection alone."""

    tcp_request: str | UnsetType = UNSET
    tcp_response: str | UnsetType = UNSET
    maintenance_response: str | UnsetType = UNSET
    tcp_half_open: bool | UnsetType = UNSET


class UdpMonitor(Struct, frozen=True, kw_only=True):
    """What is sent over UDP, and what has to come back."""

    udp_request: str | UnsetType = UNSET
    udp_response: str | UnsetType = UNSET
    maintenance_response: str | UnsetType = UNSET


class HealthMonitor(AviObject, frozen=True, kw_only=True):
    """How servers are asked. Only plugins make such objects, and declare that they do; all of one is theirs.

    It has no `created_by`: by its name and its marker it is ours. The Controller refuses another type, port or
    federation of a monitor that is there: give one that asks otherwise another name.

    Attributes:
        monitor_type: such as `HEALTH_MONITOR_HTTP`.
        send_interval: how often a server is asked, in seconds.
        receive_timeout: how long it may take to answer, in seconds.
        successful_checks: after how many answers it is up.
        failed_checks: after how many that failed it is down.
        monitor_port: which port is asked instead of that of the server.
        http_monitor: of `HEALTH_MONITOR_HTTP`, as the others are of theirs.
    """

    avi_type: ClassVar[str] = "healthmonitor"

    monitor_type: str = field(name="type")
    description: str | None = None
    send_interval: int | None = None
    receive_timeout: int | None = None
    successful_checks: int | None = None
    failed_checks: int | None = None
    monitor_port: int | None = None
    is_federated: bool | None = None
    http_monitor: HttpMonitor | None = None
    https_monitor: HttpMonitor | None = None
    tcp_monitor: TcpMonitor | None = None
    udp_monitor: UdpMonitor | None = None
