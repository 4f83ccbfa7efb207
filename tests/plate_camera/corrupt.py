"""Streams that were damaged on their way, served over real HTTP as they are."""

import contextlib
import io
import random
import re
import socket
import threading
from collections.abc import Generator, Sequence

from PIL import Image

LENGTHS = (b"0", b"1", b"-1", b"1e9", b"99999999999999999999", b"000000000001999999999", b"8388608", b"")


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """Bytes flipped, lost, repeated and strewn in, and lengths that lie."""
    data = bytearray(whole)
    for _ in range(draw.randint(1, 6)):
        at, many = draw.randrange(len(data) or 1), draw.choice((1, 3, 40, 2000))
        match draw.randrange(6):
            case 0:
                data[at : at + 1] = draw.randbytes(1)
            case 1:
                del data[at : at + many]
            case 2:
                data[at:at] = data[at : at + many]
            case 3:
                data[at:at] = draw.randbytes(many)
            case 4:
                data[at:] = b""
            case _:
                lengths = list(re.finditer(rb"Content-Length: (\d+)", data))
                if lengths:
                    one = draw.choice(lengths)
                    data[one.start(1) : one.end(1)] = draw.choice(LENGTHS)
    return bytes(data)


def pieces(data: bytes, draw: random.Random) -> list[bytes]:
    """Cut anywhere."""
    cuts = sorted(draw.randrange(len(data) + 1) for _ in range(draw.randrange(8)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def drawn_again(times: int) -> bytes:
    """A progressive JPEG whose last scan comes so often more."""
    made = io.BytesIO()
    Image.new("RGB", (960, 544), (90, 90, 90)).save(made, "JPEG", progressive=True)
    whole = made.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * times + whole[-2:]


@contextlib.contextmanager
def serving(answer: Sequence[bytes]) -> Generator[int]:
    """An HTTP server that says this to one client, whatever it asks, and hangs up.  Its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            with contextlib.suppress(OSError), server.accept()[0] as client:
                while b"\r\n\r\n" not in client.recv(65536):
                    pass
                for piece in answer:
                    client.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            thread.join()
