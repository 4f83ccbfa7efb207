"""Decoded pictures made into what a frame brings as evidence: small JPEGs, and a hash."""

import hashlib

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""height x width x 3, blue-green-red."""

PICTURE_BYTES_MAX = 200_000
CROP_BYTES_MAX = 60_000
"""Of one plate: those of all plates of a frame and its picture are one message (drivers/framing.py)."""
STILL_SIDE_PX = 960
"""A still for the eye has no side longer: half the bytes of a camera's full size say as much."""
CROP_MARGIN = 0.25
"""Of the plate's box, on each side."""


def fingerprint(picture: Picture) -> str:
    """A hash of the decoded picture."""
    return hashlib.blake2b(np.ascontiguousarray(picture).data, digest_size=12).hexdigest()


def crop(picture: Picture, box: tuple[int, int, int, int]) -> bytes:
    """A plate with some margin, as JPEG; b"" where it lies beyond the picture's edge."""
    x, y, width, height = box
    by = int(width * CROP_MARGIN)
    cut = picture[max(0, y - by) : y + height + by, max(0, x - by) : x + width + by]
    return small_jpeg(cut, CROP_BYTES_MAX) if cut.size else b""


def still_jpeg(picture: Picture, bytes_max: int) -> bytes:
    """A picture for the eye alone, as JPEG of at most `bytes_max`."""
    scale = STILL_SIDE_PX / max(picture.shape[:2])
    if scale < 1.0:
        smaller = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        picture = smaller.astype(np.uint8)
    return small_jpeg(picture, bytes_max)


def small_jpeg(picture: Picture, bytes_max: int = PICTURE_BYTES_MAX) -> bytes:
    """A JPEG of at most `bytes_max`: less quality first, then fewer pixels."""
    quality = 88
    while True:
        data = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= bytes_max:
            return data
        if quality > 50:
            quality -= 15
        else:
            half = cv2.resize(picture, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
            picture = half.astype(np.uint8)
