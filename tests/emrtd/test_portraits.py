"""Portraits: ISO/IEC 19794-5 and 39794-5, JPEG and JPEG 2000, and what must not be decoded."""

import io
import os
import resource
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.emrtd import tlv
from drivers.emrtd.errors import EmrtdError, MalformedError
from drivers.emrtd.lds import dg2
from drivers.emrtd.portraits import ImageFormat, decode, faces
from drivers.emrtd.portraits.decode import Decoder, DecoderFailed, PortraitRefused
from tests.emrtd.material import DATA, needs_data


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def drawn(width: int = 120, height: int = 160) -> Image.Image:
    """A smooth picture, so that lossy coding changes little."""
    ramp = np.linspace(20, 235, width)[None, :, None] * np.array([1, 0.8, 0.6])[None, None, :]
    return Image.fromarray(np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8))


def encoded(picture: Image.Image, format_name: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_name, **options)
    return out.getvalue()


def code_stream(jp2: bytes) -> bytes:
    return jp2[jp2.index(bytes.fromhex("FF4FFF51")) :]


def record_19794(*images: bytes, data_type: int = 1, points: int = 0, lie: int = 0) -> bytes:
    """A face record as ISO/IEC 19794-5 draws it; `lie` is added to each face's length."""
    blocks = b""
    for image in images:
        rest = bytes([0] * 14) + bytes(8 * points)
        rest += struct.pack(">BBHHBBHH", 1, data_type, 9999, 1, 1, 0, 0, 0) + image
        blocks += struct.pack(">IH", 6 + len(rest) + lie, points) + rest
    return b"FAC\0" + b"010\0" + struct.pack(">IH", 14 + len(blocks), len(images)) + blocks


def record_39794(image: bytes) -> bytes:
    body = tlv.build(0xA0, tlv.build(0xA0, tlv.build(0x80, image), bytes.fromhex("A105A003800103")))
    one = tlv.build(0x30, bytes.fromhex("800100"), tlv.build(0xA1, body))
    version = bytes.fromhex("A00780010381020 7E3".replace(" ", ""))
    return tlv.build(0xA1, tlv.build(0x65, version, tlv.build(0xA1, one)))


def group(
    *records: tuple[int, bytes], header: bytes = bytes.fromhex("870201018802000 8".replace(" ", ""))
) -> bytes:
    templates = [
        tlv.build(0x7F60, tlv.build(0xA1, header), tlv.build(tag, record)) for tag, record in records
    ]
    return tlv.build(0x75, tlv.build(0x7F61, bytes([2, 1, len(records)]), *templates))


def near(jpeg: bytes, picture: Image.Image) -> bool:
    """Whether two pictures show the same: another turn of lossy coding is let through."""
    ours = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), dtype=float)
    theirs = np.asarray(picture.convert("RGB"), dtype=float)
    return ours.shape == theirs.shape and float(np.abs(ours - theirs).mean()) < 4


@needs_data
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("iso19794/ISO19794_Test1_Data.bin", "iso19794/ISO19794_Test1_Face.jpg"),
        ("iso39794/ICAO_39794_5_AP_MandFields.dat", "iso39794/ICAO_39794_5_AP_Face.jpg"),
    ],
)
def test_a_sample_record_gives_exactly_its_picture(file: str, expected: str, decoder: Decoder) -> None:
    (face,) = faces((DATA / file).read_bytes())
    image = (DATA / expected).read_bytes()
    assert face.image == image
    portrait = decoder.decode(face.image)
    assert near(portrait.jpeg, Image.open(io.BytesIO(image)))


@needs_data
@pytest.mark.parametrize("name", ["ICAO_39794_5_AP_DG2_MandFields.dat", "dg2_silver_mandatory_fields.bin"])
def test_a_sample_dg2_in_the_new_encoding_gives_exactly_its_picture(name: str, decoder: Decoder) -> None:
    (face,) = dg2.parse((DATA / "iso39794" / name).read_bytes()).faces
    assert face.image == (DATA / "iso39794" / "ICAO_39794_5_AP_DG2_Face.jpg").read_bytes()
    assert (face.encoding, face.format, face.declared_format) == (
        "iso39794_5",
        ImageFormat.JPEG2000,
        ImageFormat.JPEG2000,
    )
    portrait = decoder.decode(face.image)
    assert (portrait.width, portrait.height) == (413, 531)


@needs_data
@pytest.mark.parametrize(
    "file",
    ["iso19794/ISO19794_Test2_Data_InvalidImage.bin", "iso39794/ICAO_39794_5_AP_MandFields_InvalidImage.dat"],
)
def test_a_record_with_an_invalid_image_is_read_and_its_image_refused(file: str, decoder: Decoder) -> None:
    (face,) = faces((DATA / file).read_bytes())
    with pytest.raises(PortraitRefused):
        decoder.decode(face.image)


@needs_data
@pytest.mark.parametrize(
    ("file", "size", "declared"),
    [
        ("bsi_tr03105_5/Datagroup2.bin", (413, 531), (337, 449)),
        ("nl_specimen_2006/ef0102.bin", (449, 598), (449, 598)),
    ],
)
def test_the_specimens_portraits_decode_whatever_size_their_record_declares(
    file: str, size: tuple[int, int], declared: tuple[int, int], decoder: Decoder
) -> None:
    found = dg2.parse((DATA / file).read_bytes())
    assert found.broken_records == 0
    (face,) = found.faces
    assert (face.encoding, face.format) == ("iso19794_5", ImageFormat.JPEG2000)
    assert (face.declared_width, face.declared_height) == declared
    portrait = decoder.decode(face.image)
    assert (portrait.width, portrait.height) == size


@needs_data
def test_a_jpeg_2000_portrait_decodes_as_file_and_as_bare_code_stream(decoder: Decoder) -> None:
    whole = (DATA / "iso19794" / "silver.jp2").read_bytes()
    file, bare = decoder.decode(whole), decoder.decode(code_stream(whole))
    assert (file.width, file.height) == (bare.width, bare.height) == (413, 531)
    assert (file.format, bare.format) == (ImageFormat.JPEG2000, ImageFormat.JPEG2000_CODE_STREAM)
    assert near(bare.jpeg, Image.open(io.BytesIO(file.jpeg)))


@pytest.mark.parametrize("padding", [0, 1, 700])
@pytest.mark.parametrize("kind", ["jpeg", "grey jpeg", "jp2", "grey jp2", "code stream", "deep grey jp2"])
def test_every_kind_of_portrait_that_documents_hold_decodes(
    kind: str, padding: int, decoder: Decoder
) -> None:
    picture = drawn()
    grey = picture.convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    image = {
        "jpeg": lambda: encoded(picture, "JPEG"),
        "grey jpeg": lambda: encoded(grey, "JPEG"),
        "jp2": lambda: encoded(picture, "JPEG2000"),
        "grey jp2": lambda: encoded(grey, "JPEG2000"),
        "code stream": lambda: code_stream(encoded(picture, "JPEG2000")),
        "deep grey jp2": lambda: encoded(deep, "JPEG2000"),
    }[kind]()
    portrait = decoder.decode(image + bytes(padding))
    assert near(portrait.jpeg, grey if "grey" in kind else picture)


def test_declared_format_and_lengths_that_lie_cost_nothing() -> None:
    jpeg = encoded(drawn(), "JPEG")
    for lie in (-4000, 4000, 1 << 31):
        (face,) = faces(record_19794(jpeg, data_type=1, points=3, lie=lie % (1 << 31)))
        assert face.image == jpeg
        assert (face.format, face.declared_format) == (ImageFormat.JPEG, ImageFormat.JPEG2000)


def test_a_record_of_two_faces_gives_both() -> None:
    first, second = encoded(drawn(), "JPEG"), encoded(drawn(60, 80), "JPEG2000")
    assert [face.image for face in faces(record_19794(first, second))] == [first, second]


def test_the_first_portrait_that_decodes_is_taken(decoder: Decoder) -> None:
    broken, good = b"\xff\xd8\xff" + bytes(100), encoded(drawn(60, 80), "JPEG")
    data = group((0x5F2E, record_19794(broken)), (0x5F2E, b"no record"), (0x7F2E, record_39794(good)))
    found = dg2.parse(data)
    assert [face.encoding for face in found.faces] == ["iso19794_5", "iso39794_5"]
    assert found.broken_records == 1
    portrait = decoder.first(found.faces)
    assert (portrait.width, portrait.height) == (60, 80)


def test_what_the_header_calls_the_record_is_not_relied_on() -> None:
    jpeg = encoded(drawn(), "JPEG")
    mislabelled = group((0x5F2E, record_39794(jpeg)))
    assert dg2.parse(mislabelled).faces[0].encoding == "iso39794_5"
    unlabelled = group((0x5F2E, record_19794(jpeg)), header=b"")
    assert dg2.parse(unlabelled).faces[0].image == jpeg


def test_more_templates_than_the_standard_has_are_refused() -> None:
    record = record_19794(encoded(drawn(8, 8), "JPEG"))
    with pytest.raises(MalformedError, match="10 biometric templates"):
        dg2.parse(group(*[(0x5F2E, record)] * 10))


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(decoder: Decoder) -> None:
    for width, height in ((2001, 2000), (20_000, 20_000), (65_500, 65_500)):
        bomb = bytearray(encoded(drawn(), "JPEG"))
        frame = bomb.index(b"\xff\xc0")
        bomb[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
        with pytest.raises(PortraitRefused, match="pixels"):
            decoder.decode(bytes(bomb))


def test_a_jpeg_2000_header_that_announces_a_huge_picture_is_refused(decoder: Decoder) -> None:
    stream = bytearray(code_stream(encoded(drawn(), "JPEG2000")))
    stream[8:16] = struct.pack(">II", 60_000, 60_000)  # Xsiz, Ysiz of the SIZ segment
    with pytest.raises(PortraitRefused, match="pixels"):
        decoder.decode(bytes(stream))


def test_other_formats_are_not_even_looked_at(decoder: Decoder) -> None:
    for name in ("PNG", "GIF", "TIFF", "BMP", "EPS"):
        with pytest.raises(PortraitRefused, match="first bytes"):
            decoder.decode(encoded(drawn(), name))


def test_a_portrait_larger_than_any_file_on_a_chip_is_refused(decoder: Decoder) -> None:
    with pytest.raises(PortraitRefused, match="bytes, more than"):
        decoder.decode(encoded(drawn(), "JPEG") + bytes(decode.IMAGE_BYTES_MAX))


@pytest.mark.parametrize("padding", [0, 400_000], ids=["fits the pipe", "fills the pipe"])
def test_a_decoder_that_hangs_is_ended_and_the_next_portrait_decodes(
    padding: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Decoder() as decoder:
        decoder.warm_up()
        hung = decoder._child
        assert hung is not None
        os.kill(hung.pid, signal.SIGSTOP)
        monkeypatch.setattr(decode, "DECODE_S", 0.05)
        with pytest.raises(PortraitRefused, match="took too long"):
            decoder.decode(encoded(drawn(), "JPEG") + bytes(padding))
        assert hung.returncode == -signal.SIGKILL
        monkeypatch.undo()
        assert decoder.decode(encoded(drawn(), "JPEG")).width == 120


def test_a_decoder_that_says_ready_for_a_picture_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown is a picture that the decoder calls one."""
    odd = (
        "import sys, struct\nwhile True:\n sys.stdout.buffer.write(struct.pack('>BHHI', 0, 1, 1, 3) + b'odd')"
    )
    (tmp_path / "odd_decoder.py").write_text(f"{odd}\n sys.stdout.buffer.flush()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(decode, "WORKER", "odd_decoder")
    with Decoder() as decoder:
        decoder.warm_up()
        with pytest.raises(PortraitRefused, match="no answer"):
            decoder.decode(encoded(drawn(), "JPEG"))


def test_a_decoder_that_died_is_replaced() -> None:
    with Decoder() as decoder:
        decoder.warm_up()
        dead = decoder._child
        assert dead is not None
        dead.kill()
        dead.wait()
        assert decoder.decode(encoded(drawn(), "JPEG")).width == 120


def test_each_document_has_a_decoder_of_its_own() -> None:
    with Decoder() as decoder:
        decoder.warm_up()
        first = decoder._child
        decoder.decode(encoded(drawn(), "JPEG"))
        decoder.renew()
        assert first is not None
        assert first.returncode == -signal.SIGKILL
        assert decoder._child is not None, "the next one begins ahead of its document"
        assert decoder.decode(encoded(drawn(), "JPEG")).width == 120
        assert decoder._child is not first
        decoder.close()
        decoder.renew()
        assert decoder._child is None, "who has closed it wants no other"


def test_the_child_is_confined() -> None:
    with Decoder() as decoder:
        decoder.warm_up()
        assert decoder._child is not None
        limits = Path(f"/proc/{decoder._child.pid}/limits").read_text()
        environment = Path(f"/proc/{decoder._child.pid}/environ").read_bytes().decode()
        held = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
        assert held["Max address space"] == str(decode.MEMORY_BYTES)
        assert held["Max core file size"] == "0"
        assert held["Max file size"] == "0"
        names = {entry.partition("=")[0] for entry in environment.split("\0") if entry}
        assert names <= {*decode._ENVIRONMENT, "OMP_NUM_THREADS", "OMP_THREAD_LIMIT"}
        decoder.decode(encoded(drawn(), "JPEG"))
        cpu_s = resource.prlimit(decoder._child.pid, resource.RLIMIT_CPU)[0]
        assert 0 < cpu_s <= decode.START_S


def test_a_decoder_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "WORKER", "drivers.emrtd.portraits.none_such")
    with Decoder() as decoder, pytest.raises(DecoderFailed, match="does not start"):
        decoder.decode(encoded(drawn(), "JPEG"))


@settings(max_examples=60)
@given(st.data())
def test_no_damaged_record_ends_otherwise_than_in_faces_or_our_error(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(_SEEDS))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    for octets in (bytes(damaged), bytes(damaged[:cut])):
        for read in (dg2.parse, faces):
            try:
                read(octets)
            except EmrtdError:
                continue


_SMALL = b"\xff\xd8\xff\xe0" + bytes(20)
_SEEDS = [
    group((0x5F2E, record_19794(_SMALL, _SMALL, points=1)), (0x7F2E, record_39794(_SMALL))),
    record_19794(_SMALL, _SMALL),
    record_39794(_SMALL),
]


@settings(max_examples=40)
@given(damage=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_damaged_picture_ends_otherwise_than_in_a_portrait_or_our_error(
    damage: list[tuple[int, int]], decoder: Decoder
) -> None:
    for good in (_JPEG, _JP2):
        damaged = bytearray(good)
        for at, octet in damage:
            damaged[at % len(good)] = octet
        try:
            portrait = decoder.decode(bytes(damaged))
        except PortraitRefused:
            continue
        assert portrait.width * portrait.height <= decode.PIXELS_MAX


_JPEG, _JP2 = encoded(drawn(40, 50), "JPEG"), encoded(drawn(40, 50), "JPEG2000")
