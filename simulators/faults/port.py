"""A TCP proxy with faults, in front of any server: Modbus, MJPEG, a broker."""

import asyncio
from collections.abc import Sequence

import structlog

from simulators.faults.channel import WAITING_BYTES_MAX, Channel
from simulators.faults.kinds import Direction, Fault

log = structlog.get_logger()


class FaultedPort:
    """Listens on `address` and passes each connection on to `host`:`port`.  The target is the device's side.

    A cut aborts both halves of that connection; new ones are accepted.  Faults set while it runs count for
    connections made from then on.
    """

    def __init__(self, host: str, port: int, faults: Sequence[Fault] = (), *, listen_port: int = 0) -> None:
        self._target = (host, port)
        self._faults = tuple(faults)
        self._port = listen_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        """`host:port` to connect to."""
        return f"127.0.0.1:{self._port}"

    def set_faults(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)

    async def start(self) -> None:
        await self.stop()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Refuse new connections and abort the present ones.  Idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for writer in tuple(self._connections):
            writer.transport.abort()
        await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._connections.add(far_writer)
            await self._relay(reader, writer, far_reader, far_writer)
        except OSError as error:
            log.debug("simulator.port_lost", address=self.address, error=str(error))
        finally:
            for end in (writer, far_writer):
                if end:
                    self._connections.discard(end)
                    end.transport.abort()

    async def _relay(
        self,
        near_reader: asyncio.StreamReader,
        near_writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        def cut() -> None:
            near_writer.transport.abort()
            far_writer.transport.abort()

        to_device = Channel(Direction.TO_DEVICE, self._faults, far_writer.write, cut)
        to_controller = Channel(Direction.TO_CONTROLLER, self._faults, near_writer.write, cut)
        # A connection ends when either side closes: no protocol of ours uses half-closed ones.
        pumps = [
            asyncio.create_task(_pump(near_reader, to_device, far_writer)),
            asyncio.create_task(_pump(far_reader, to_controller, near_writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(max(to_device.close_delay_s, to_controller.close_delay_s))
        finally:
            to_device.stop()
            to_controller.stop()
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, channel: Channel, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(WAITING_BYTES_MAX // 4):
        channel.send(data)
        # A slow far end and a delay both hold the near end back: TCP loses nothing.
        await writer.drain()
        while channel.waiting_bytes > WAITING_BYTES_MAX // 2:
            await asyncio.sleep(0.01)
