"""The simulator as other programs use it: started and stopped in threads of the calling process."""

from __future__ import annotations

import ssl
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from ako.sim.api import Api
from ako.sim.control import PREFIX, Control
from ako.sim.controller import Controller
from ako.sim.faults import Faults
from ako.sim.journal import Exchange, Journal
from ako.sim.options import SimulatorOptions
from ako.sim.schema import load_schema
from ako.sim.store import Store
from ako.sim.tls import make_tls
from ako.sim.traffic import forwarding, traffic_routes
from ako.testing.defects import tell
from ako.testing.listener import Hangup, Listener, Request, Response

if TYPE_CHECKING:
    from ako.sim.data_plane import DataPlane


class Simulator:
    """An Avi Controller over HTTP, or HTTPS."""

    def __init__(self, options: SimulatorOptions | None = None) -> None:
        self.options = options or SimulatorOptions()
        self._tls: ssl.SSLContext | None = None
        self.ca_pem = ""
        if self.options.tls:
            self._tls, self.ca_pem = make_tls(self.options.host)
        self.faults = Faults()
        self.journal = Journal()
        controller = Controller(load_schema(), self.options)
        self._control = Control(controller, self.journal, self.faults)
        self._api = Api(controller)
        self._served = controller
        self._listener: Listener | None = None
        self._plane: DataPlane | None = None
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        """Return where it listens; RuntimeError if it does not."""
        if self._listener is None:
            raise RuntimeError("the simulator is not started")
        return f"{'https' if self.options.tls else 'http'}://{self.options.host}:{self._listener.port}"

    @property
    def store(self) -> Store:
        """Return the objects there are now."""
        return self._control.controller.store

    def start(self) -> None:
        """Listen; nothing happens if it does already.

        Raises:
            OSError: if it cannot listen there.
            ValueError: if the libraries of the data plane are not installed.
        """
        if self._listener is None:
            self._stopped = threading.Event()
            address = (self.options.host, self.options.port)
            if self.options.data_plane:
                self._plane = forwarding(self.options, self.store)
                self._control.routes |= traffic_routes(self._plane)
            try:
                self._listener = Listener(self._answer, address, self._tls)
            except OSError:
                self.stop()
                raise
            self._control.on_unreachable = self._listener.drop_connections

    def stop(self) -> None:
        """Close every connection and stop listening; the objects stay for another start.

        A request that is being delayed is not carried out any more.
        """
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close(self._stopped.set)
        plane, self._plane = self._plane, None
        if plane is not None:
            plane.stop()

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._controlled(request)
        exchange = Exchange(request, time.time())
        api = self._api
        try:
            api.route(exchange)
            response = self._disturbed(api, exchange) if self.faults.any() else self._plain(api, exchange)
        except Hangup:
            self.journal.add(exchange, 0, 0, time.time())
            raise
        except Exception as defect:  # noqa: BLE001 - without an answer and a row in the log nobody would see the cause
            response = _failed(defect)
        self.journal.add(exchange, response.status, len(response.body), time.time())
        return response

    def _controlled(self, request: Request) -> Response:
        """Answer a request of the control interface."""
        try:
            response = self._control.answer(request)
            if self._control.controller is not self._served:
                self._served = self._control.controller
                if self._plane is not None:
                    self._plane.serve(self._served.store)
                self._api = Api(self._served)
        except Exception as defect:  # noqa: BLE001 - likewise
            return _failed(defect)
        return response

    def _plain(self, api: Api, exchange: Exchange) -> Response:
        self._pause(self._control.latency_ms)
        return api.answer(exchange)

    def _pause(self, milliseconds: float) -> None:
        """Let time pass; who stops meanwhile answers nothing."""
        if milliseconds and self._stopped.wait(milliseconds / 1000):
            raise Hangup

    def _disturbed(self, api: Api, exchange: Exchange) -> Response:
        """Answer a request while faults are set."""
        if self.faults.unreachable:
            raise Hangup
        striking = self.faults.striking(exchange)
        self._pause(sum(fault.delay_ms for fault in striking))
        answering = next((fault for fault in striking if fault.answers), None)
        if answering is None:
            return self._plain(api, exchange)
        if answering.when == "after":
            self._plain(api, exchange)
        if answering.drop:
            raise Hangup
        return answering.response()


def _failed(defect: Exception) -> Response:
    """Answer where the simulator itself failed; a test in whose process that happens fails too."""
    tell(defect)
    return Response(
        500, msgspec.json.encode({"error": f"The simulator failed, which is a defect of its own: {defect!r}"})
    )
