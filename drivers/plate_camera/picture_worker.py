"""The child process that makes a smart camera's pictures small: decoding a stranger's JPEG crashes alone.

On standard input a line of settings (none), then for each picture an order
`{"picture": 500123, "crop": 9000, "box": [0.4, 0.5, 0.1, 0.05] | null, "bytes": 509123, "still": null}` and
its bytes; `still` is how many bytes a picture for the eye alone may have.  On standard output first
`{"kind": "ready"}`, then for each order
`{"kind": "pictures", "picture": n, "crop": m, "box": [x, y, w, h], "said": ""}` with the small ones behind,
b"" for what is no picture.
"""

import json
import os
import resource
import sys
from typing import Any

import cv2
import numpy as np

from drivers import framing
from drivers.plate_camera.jpeg import BadJpeg, picture_size
from drivers.plate_camera.pictures import Picture, crop, small_jpeg, still_jpeg

MEMORY_BYTES = 1024**3


def small(data: bytes) -> tuple[Picture | None, str]:
    """A decoded picture, or what is wrong with it."""
    if not data:
        return None, ""
    try:
        picture_size(data)
    except BadJpeg as error:
        return None, str(error)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return (None, "it can't be decoded") if picture is None else (np.asarray(picture, np.uint8), "")


def answer(order: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
    picture, said = small(blob[: order["picture"]])
    plate, said_of_crop = small(blob[order["picture"] :])
    box = [0, 0, 0, 0]
    whole = cut = b""
    if picture is not None:
        most = order["still"]
        whole = small_jpeg(picture) if most is None else still_jpeg(picture, most)
        if order["box"] is not None:
            height, width = picture.shape[:2]
            left, top, across, down = (min(1.0, max(0.0, float(share))) for share in order["box"])
            box = [round(left * width), round(top * height), round(across * width), round(down * height)]
            if plate is None and box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height:
                cut = crop(picture, (box[0], box[1], box[2], box[3]))
    if plate is not None:
        cut = small_jpeg(plate)
    header = {
        "kind": "pictures",
        "picture": len(whole),
        "crop": len(cut),
        "box": box,
        "said": said or said_of_crop,
    }
    return header, whole + cut


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cv2.setNumThreads(1)
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdin.buffer.readline()
    channel.write(framing.pack({"kind": "ready"}, b""))
    channel.flush()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        channel.write(framing.pack(*answer(order, sys.stdin.buffer.read(int(order["bytes"])))))
        channel.flush()


if __name__ == "__main__":
    main()
