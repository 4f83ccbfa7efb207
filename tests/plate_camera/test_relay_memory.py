"""What a peer can make the relay hold: pictures that never end, on every channel there is, stay bounded."""

import socket
import threading
from contextlib import suppress

import pytest

from drivers.plate_camera import nal_units
from drivers.plate_camera.rtsp_relay import Relay
from drivers.plate_camera.whole_pictures import PICTURE_BYTES_MAX
from simulators.plate_camera.rtp import Packets
from simulators.plate_camera.rtsp_session import interleaved

SENT_MAX = 4 * PICTURE_BYTES_MAX
"""What may wait in the sockets' buffers comes to what the relay holds."""


@pytest.mark.long
def test_pictures_without_an_end_on_all_channels_are_refused_within_one_bound() -> None:
    streams = [(channel, Packets(channel, 1, 9000)) for channel in range(0, 256, 2)]
    sent = 0

    def flood(server: socket.socket) -> None:
        nonlocal sent
        camera, _ = server.accept()
        with camera, suppress(OSError):
            while sent < SENT_MAX:
                for channel, stream in streams:
                    packet = stream.packet(96, bytes(60_000), 0.0, last=False)
                    camera.sendall(interleaved(channel, packet))
                    sent += len(packet)

    with socket.create_server(("127.0.0.1", 0)) as server:
        sender = threading.Thread(target=flood, args=(server,), daemon=True)
        sender.start()
        relay = Relay("127.0.0.1", server.getsockname()[1], 20)
        with socket.create_connection(("127.0.0.1", relay.port), 20) as player:
            assert player.recv(1) == b""  # the relay has given up
        sender.join(20)
        relay.close()
    assert "unfinished pictures" in relay.broken
    assert "bit rate" in relay.hint
    assert sent < SENT_MAX


def test_units_of_a_packet_are_found_each_where_it_lies() -> None:
    units = [b"\x67\x4d", b"\x68\xee\x3c", b"\x65\x80" + bytes(40)]
    packet = b"\x18" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    assert nal_units.seen("H264", packet) == nal_units.Seen((7, 8, 5), begins=True)
    assert nal_units.seen("H264", packet[:-41]) == nal_units.Seen((7, 8, 5), begins=False)
    assert nal_units.sequence_sets("H264", [packet]) == units[:1]
