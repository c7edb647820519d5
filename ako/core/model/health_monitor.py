"""Health monitors: how the servers of a pool are asked whether they serve."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType, field

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject


class MonitorTls(Struct, frozen=True, kw_only=True):
    """How a monitor speaks TLS; what is unset is as the Controller has it by default.

    Attributes:
        ssl_profile_ref: versions and ciphers.
        pki_profile_ref: what the certificates of servers are verified against.
        ssl_key_and_certificate_ref: what is presented to them.
        server_name: what is told by SNI.
    """

    ssl_profile_ref: AviRef
    pki_profile_ref: AviRef | UnsetType = UNSET
    ssl_key_and_certificate_ref: AviRef | UnsetType = UNSET
    server_name: str | UnsetType = UNSET


class HttpMonitor(Struct, frozen=True, kw_only=True):
    """What is asked over HTTP, and by what answer a server is up, or in maintenance.

    Attributes:
        http_request: the request line, and headers after it; by default `GET / HTTP/1.0`.
        http_request_body: the body of the request.
        http_response_code: `HTTP_2XX` and the like; one at least.
        http_response: a text that has to be in the answer.
        maintenance_code: codes by which a server is in maintenance; four at most.
        maintenance_response: a text by which it is.
        exact_http_request: nothing is added to the request.
        response_size: how many bytes of the answer are looked at.
        auth_type: `AUTH_BASIC` or `AUTH_NTLM`.
        ssl_attributes: how TLS is spoken, over HTTPS.
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
    """What is sent over TCP, if anything, and what has to come back.

    Attributes:
        tcp_request: the text that is sent.
        tcp_response: a text that has to be in the answer.
        maintenance_response: a text by which a server is in maintenance.
        tcp_half_open: a connection is asked for, and not opened.
    """

    tcp_request: str | UnsetType = UNSET
    tcp_response: str | UnsetType = UNSET
    maintenance_response: str | UnsetType = UNSET
    tcp_half_open: bool | UnsetType = UNSET


class UdpMonitor(Struct, frozen=True, kw_only=True):
    """What is sent over UDP, and what has to come back.

    Attributes:
        udp_request: the text that is sent.
        udp_response: a text that has to be in the answer.
        maintenance_response: a text by which a server is in maintenance.
    """

    udp_request: str | UnsetType = UNSET
    udp_response: str | UnsetType = UNSET
    maintenance_response: str | UnsetType = UNSET


class HealthMonitor(AviObject, frozen=True, kw_only=True):
    """How servers are asked. Only plugins make such objects, and declare that they do; all of one is theirs.

    It has no `created_by`: by its name and its marker it is ours. The Controller refuses another type, port or
    federation of a monitor that is there: give one that asks otherwise another name.

    Attributes:
        monitor_type: such as `HEALTH_MONITOR_HTTP`.
        description: for people.
        send_interval: how often a server is asked, in seconds.
        receive_timeout: how long it may take to answer, in seconds.
        successful_checks: after how many answers it is up.
        failed_checks: after how many that failed it is down.
        monitor_port: which port is asked instead of that of the server.
        is_federated: it is for all sites of GSLB.
        http_monitor: of `HEALTH_MONITOR_HTTP`.
        https_monitor: of `HEALTH_MONITOR_HTTPS`.
        tcp_monitor: of `HEALTH_MONITOR_TCP`.
        udp_monitor: of `HEALTH_MONITOR_UDP`.
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
