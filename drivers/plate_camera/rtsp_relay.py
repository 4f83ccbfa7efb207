"""Between FFmpeg and the camera: all they say to each other goes on, but torn pictures do not.

FFmpeg speaks RTSP, answers challenges and decodes, yet tells nobody which pictures it has mended.  It
connects to a port of this process, as if that were the camera.
"""

import socket
import threading
from contextlib import suppress

from drivers.plate_camera.liveness import Arrived
from drivers.plate_camera.picture_sizes import AbsurdSize, check_description
from drivers.plate_camera.rtsp_wire import Answer, BrokenRtsp, Packet, Splitter, codecs
from drivers.plate_camera.whole_pictures import PICTURE_BYTES_MAX, TOO_LARGE, BrokenRtp, WholePictures

READ_BYTES = 64 * 1024


class Relay:
    """One connection.  `broken` says what was wrong with what the camera sent, "" for nothing, and `hint`
    what to do; `resized` the size before and the new one when the pictures have changed theirs, which ends it
    too.  `arrived` counts the pictures as they come from the camera."""

    def __init__(self, host: str, port: int, timeout_s: float, arrived: Arrived | None = None) -> None:
        """Connects to the camera; raises OSError."""
        self.arrived = Arrived() if arrived is None else arrived
        self._camera = socket.create_connection((host, port), timeout_s)
        self._camera.settimeout(None)
        self._camera.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listening.settimeout(timeout_s)
        self.port = int(self._listening.getsockname()[1])
        self.broken = self.hint = self.resized = ""
        self._streams: dict[int, WholePictures] = {}
        self._codecs: dict[int, str] = {}
        threading.Thread(target=self._serve, name="rtsp relay", daemon=True).start()

    def close(self) -> None:
        """End both connections."""
        for end in (self._camera, self._listening):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        try:
            with self._listening:
                player, _ = self._listening.accept()
        except OSError:
            self._camera.close()
            return
        player.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_pass_on, args=(player, self._camera), daemon=True).start()
        try:
            self._relay(player)
        except (BrokenRtsp, BrokenRtp) as error:
            self.broken, self.hint = str(error), error.hint
        except MemoryError:
            self.broken, self.hint = "more than this process has memory for", TOO_LARGE
        except OSError:
            pass  # either end has gone; FFmpeg notices
        finally:
            for end in (player, self._camera):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _relay(self, player: socket.socket) -> None:
        splitter = Splitter()
        while not self.resized and (data := self._camera.recv(READ_BYTES)):
            left = (
                wire
                for one in splitter.feed(data)
                for wire in (self._answered(one) if isinstance(one, Answer) else self._whole(one))
            )
            player.sendall(b"".join(left))

    def _answered(self, answer: Answer) -> list[bytes]:
        if 300 <= answer.status < 400:
            raise BrokenRtsp("it redirects to another address: name that one in `url`", "")
        try:
            check_description(answer.body)
        except AbsurdSize as error:
            raise BrokenRtsp(str(error), TOO_LARGE) from None
        self._codecs |= codecs(answer.body)
        return [answer.wire]

    def _whole(self, packet: Packet) -> list[bytes]:
        if packet.channel % 2:  # RTCP, on the odd channel of a pair (RFC 2326, 10.12)
            return [packet.wire]
        stream = self._streams.setdefault(packet.channel, WholePictures(self._codecs))
        whole, torn = stream.whole, stream.torn
        left = [Packet(packet.channel, data).wire for data in stream.feed(packet.data)]
        self.arrived.whole += stream.whole - whole
        self.arrived.torn += stream.torn - torn
        self.resized = self.resized or stream.resized
        if sum(one.held for one in self._streams.values()) > PICTURE_BYTES_MAX:
            raise BrokenRtp(
                f"unfinished pictures of more than {PICTURE_BYTES_MAX >> 20} MiB",
                f"does it send more than one picture at a time? {TOO_LARGE}",
            )
        return left


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(READ_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
