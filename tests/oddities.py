"""Files of phones, cameras and programs, odd in every way, made of one drawn picture.

Each has the pixels of the picture that it was made of, or has lost some. `test_oddities.py`
computes which, and holds every command to that.
"""

from io import BytesIO
from zlib import crc32

import numpy as np
from PIL import Image

SIZE = (96, 128)


def picture() -> np.ndarray:
    """uint8 [H, W, 3]: a ball on a slope, with the noise of a camera."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    pixels = np.stack([2 * x, 2 * y, x + y], axis=-1)
    pixels[(y - 48) ** 2 + (x - 64) ** 2 < 900] = (200, 60, 40)
    noise = np.random.default_rng(3).integers(-12, 12, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def saved(kind: str, size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """The picture as a file, or its upper left corner."""
    buffer = BytesIO()
    Image.fromarray(picture()[: size[0], : size[1]]).save(buffer, kind, **options)
    return buffer.getvalue()


JPEG = saved("JPEG", quality=92)
PROGRESSIVE = saved("JPEG", quality=92, progressive=True)
RESTARTS = saved("JPEG", quality=92, restart_marker_blocks=4)
PNG, BMP, GIF, WEBP, TIFF, AVIF = map(saved, ("PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF"))
SCAN = JPEG.index(b"\xff\xda")


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


def _with(data: bytes, extra: bytes, at: int = 20) -> bytes:
    """With bytes put in, behind the JFIF segment when no place is given."""
    return data[:at] + extra + data[at:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG whose checksum is wrong."""
    wrong = crc32(kind + body) ^ 1
    return len(body).to_bytes(4, "big") + kind + body + wrong.to_bytes(4, "big")


def _second_scan(data: bytes) -> int:
    return data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)


def _first_scan_twice(data: bytes) -> bytes:
    start = data.index(b"\xff\xda")
    end = min(data.index(b"\xff\xc4", start), _second_scan(data))
    return data[:end] + data[start:end] + data[end:]


def _idat_checksum(data: bytes) -> bytes:
    start = data.index(b"IDAT") - 4
    end = start + 8 + int.from_bytes(data[start : start + 4], "big")
    return data[:end] + b"abcd" + data[end + 4 :]


def _ends_early(data: bytes) -> bytes:
    """The lower half is grey, and the end marker is there."""
    return data[: (data.index(b"\xff\xda") + len(data)) // 2].rstrip(b"\xff") + b"\xff\xd9"


def _overwritten(data: bytes) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, 300, np.uint8).tobytes()
    start = (data.index(b"\xff\xda") + len(data)) // 2
    return data[:start] + noise + data[start + 300 :]


_ODD_EXIF = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00" + b"\xff" * 4 + bytes(9)
_RST2 = RESTARTS.index(b"\xff\xd2", SCAN)
_RST3, _RST5 = RESTARTS.index(b"\xff\xd3", SCAN), RESTARTS.index(b"\xff\xd5", SCAN)
_ADOBE = _segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x07")
_THUMBNAIL = _segment(0xE1, b"Exif\x00\x00" + saved("JPEG", (16, 16)))
_FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 300
_JFIF_3 = JPEG[:11] + b"\x03\x01" + JPEG[13:]

# name -> (the file, what it was made of)
ODDITIES: dict[str, tuple[bytes, bytes]] = {
    "JFIF 3.01": (_JFIF_3, JPEG),
    "JFIF 0.00": (JPEG[:11] + b"\x00\x00" + JPEG[13:], JPEG),
    "JFIF too short": (JPEG[:2] + _segment(0xE0, b"JFIF\x00\x01") + JPEG[20:], JPEG),
    "no JFIF": (JPEG[:2] + JPEG[20:], JPEG),
    "thumbnail of wrong size": (JPEG[:18] + b"\x08\x08" + JPEG[20:], JPEG),
    "bytes before a marker": (_with(JPEG, b"xyz"), JPEG),
    "bytes before the scan": (_with(JPEG, bytes(3), SCAN), JPEG),
    "FF before a marker": (_with(JPEG, b"\xff\xff\xff"), JPEG),
    "a marker without length": (_with(JPEG, b"\xff\x01"), JPEG),
    "unknown Adobe transform": (JPEG[:2] + _ADOBE + JPEG[20:], JPEG),
    "Adobe too short": (_with(JPEG, _segment(0xEE, b"Adobe")), JPEG),
    "odd EXIF": (_with(JPEG, _segment(0xE1, _ODD_EXIF), 2), JPEG),
    "empty EXIF": (_with(JPEG, _segment(0xE1, b"Exif\x00\x00"), 2), JPEG),
    "two EXIF": (_with(JPEG, _segment(0xE1, _ODD_EXIF) * 2, 2), JPEG),
    "empty APP5": (_with(JPEG, _segment(0xE5, b"")), JPEG),
    "large APP7": (_with(JPEG, _segment(0xE7, bytes(65_000)) * 2), JPEG),
    "markers in a comment": (_with(JPEG, _segment(0xFE, b"\xff\xd9\xff\xd8")), JPEG),
    "odd colour profile": (_with(JPEG, _segment(0xE2, b"ICC_PROFILE\x00\x02\x01xx")), JPEG),
    "odd MPF": (_with(JPEG, _segment(0xE2, b"MPF\x00garbage")), JPEG),
    "odd Photoshop block": (_with(JPEG, _segment(0xED, b"Photoshop 3.0\x008BIM\x04")), JPEG),
    "no end": (JPEG[:-2], JPEG),
    "half an end": (JPEG[:-1], JPEG),
    "no end, progressive": (PROGRESSIVE[:-2], PROGRESSIVE),
    "zeros for an end": (JPEG[:-2] + bytes(30), JPEG),
    "zeros before the end": (_with(JPEG, bytes(90), len(JPEG) - 2), JPEG),
    "a text before the end": (_with(JPEG, b"ninebytes", len(JPEG) - 2), JPEG),
    "two ends": (JPEG + JPEG[-2:], JPEG),
    "70,000 zeros behind": (JPEG + bytes(70_000), JPEG),
    "a film behind": (JPEG + _FILM, JPEG),
    "a photo behind": (JPEG + saved("JPEG", (32, 32)), JPEG),
    "zeros before a restart": (_with(RESTARTS, bytes(2), _RST2), RESTARTS),
    "a scan twice": (_first_scan_twice(PROGRESSIVE), PROGRESSIVE),
    "bytes between scans": (_with(PROGRESSIVE, bytes(4), _second_scan(PROGRESSIVE)), PROGRESSIVE),
    "PNG, text with wrong checksum": (_with(PNG, _chunk(b"tEXt", b"a\x00b"), 33), PNG),
    "PNG, gamma with wrong checksum": (_with(PNG, _chunk(b"gAMA", bytes(4)), 33), PNG),
    "PNG, pixels with wrong checksum": (_idat_checksum(PNG), PNG),
    "PNG, end with wrong checksum": (PNG[:-4] + b"abcd", PNG),
    "PNG without an end": (PNG[:-12], PNG),
    "PNG, 70,000 zeros behind": (PNG + bytes(70_000), PNG),
    "BMP of size 0": (BMP[:2] + bytes(4) + BMP[6:], BMP),
    "BMP of another size": (BMP[:2] + b"\x10\x00\x00\x00" + BMP[6:], BMP),
    "BMP, bytes behind": (BMP + bytes(500), BMP),
    "GIF without an end": (GIF[:-1], GIF),
    "GIF, bytes behind": (GIF + bytes(70_000), GIF),
    "WebP, bytes behind": (WEBP + bytes(70_000), WEBP),
    "TIFF, bytes behind": (TIFF + bytes(70_000), TIFF),
    "AVIF, bytes behind": (AVIF + bytes(70_000), AVIF),
    # pixels are lost
    "half": (JPEG[: len(JPEG) // 2], JPEG),
    "nine tenths": (JPEG[: len(JPEG) * 9 // 10], JPEG),
    "half, progressive": (PROGRESSIVE[: len(PROGRESSIVE) * 6 // 10], PROGRESSIVE),
    "half, then zeros": (JPEG[: len(JPEG) // 2] + bytes(len(JPEG) // 2), JPEG),
    "half, behind a thumbnail": (_with(JPEG[: len(JPEG) // 2], _THUMBNAIL, 2), JPEG),
    "a grey lower half": (_ends_early(JPEG), JPEG),
    "a grey lower half of JFIF 3.01": (_ends_early(_JFIF_3), JPEG),
    "overwritten": (_overwritten(JPEG), JPEG),
    "a piece is missing": (RESTARTS[:_RST3] + RESTARTS[_RST5:], RESTARTS),
    "half a PNG": (PNG[: len(PNG) // 2], PNG),
    "half a BMP": (BMP[: len(BMP) // 2], BMP),
    "half a GIF": (GIF[: len(GIF) // 2], GIF),
    "half a WebP": (WEBP[: len(WEBP) // 2], WEBP),
    "half a TIFF": (TIFF[: len(TIFF) // 2], TIFF),
    "half an AVIF": (AVIF[: len(AVIF) // 2], AVIF),
}
