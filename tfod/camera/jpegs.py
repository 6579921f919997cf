"""JPEG pictures in what a camera sends: told apart, decoded, and found out when damaged."""

import re
from collections.abc import Iterator
from http.client import HTTPResponse

import cv2
import numpy as np
import simplejpeg

from tfod.camera.video import rgb

CHUNK_BYTES = 1 << 16
MOST_BYTES = 1 << 26  # of one picture
_START, _END = b"\xff\xd8", b"\xff\xd9"  # of a JPEG
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_TEXT = re.compile(
    rb"^content-type:\s*(text/|application/(json|xml))", re.IGNORECASE | re.MULTILINE
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def parts(response: HTTPResponse) -> Iterator[bytes]:
    """Split a multipart answer into its pictures; stated lengths are believed only when right."""
    buffer = bytearray()
    delimiter = b""
    while chunk := response.read1(CHUNK_BYTES):
        buffer += chunk
        if not delimiter:
            delimiter = _delimiter(response, bytes(buffer[:1024]))
        while delimiter and (taken := _first_part(buffer, delimiter)):
            part, end = taken
            del buffer[:end]
            if part:
                yield part
        if len(buffer) > MOST_BYTES:
            return
    if (start := buffer.find(_START)) >= 0:  # nothing tells the end of the last one
        yield bytes(buffer[start:]).rstrip(b"\r\n")


def _delimiter(response: HTTPResponse, begin: bytes) -> bytes:
    """The line between two parts: the first one, or what the headers promise; b"" for not yet."""
    first = begin.lstrip(b"\r\n")
    if not first.startswith(b"-"[: len(first)]):
        stated = response.headers.get_param("boundary", "")
        return b"--" + str(stated).strip('"').lstrip("-").encode()
    return first.splitlines()[0].rstrip() if b"\n" in first else b""


def _first_part(buffer: bytearray, delimiter: bytes) -> tuple[bytes, int] | None:
    """The first whole part and where it ends; an empty one for what is no picture."""
    start = buffer.find(delimiter)
    blank = _BLANK_LINE.search(buffer, start + len(delimiter)) if start >= 0 else None
    if not blank:
        return None
    head, begin = bytes(buffer[start : blank.start()]), blank.end()
    stated = _LENGTH.search(head)
    end = begin + int(stated[1]) if stated else -1
    if end > begin and len(buffer) >= end and is_whole(buffer[begin:end]):
        return bytes(buffer[begin:end]), end  # without waiting for the next one to begin
    end = buffer.find(delimiter, begin)
    if end < 0:
        return None
    return b"" if _TEXT.search(head) else bytes(buffer[begin:end]).rstrip(b"\r\n"), end


def is_whole(data: bytes | bytearray) -> bool:
    """Whether data is a JPEG with its end; some cameras pad it."""
    return data.startswith(_START) and data.rstrip(b"\0\r\n ").endswith(_END)


def decoded(data: bytes) -> np.ndarray | None:
    """Decode a picture, uint8 [H, W, 3] RGB; None when it is damaged."""
    if not data.startswith(_START) or b"Exif\0" in data[:1024]:  # which may turn it
        is_good = not data.startswith(_START) or _jpeg(data) is not None
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        return rgb(image) if is_good and image is not None else None
    return _jpeg(data)


def _jpeg(data: bytes) -> np.ndarray | None:
    try:
        return simplejpeg.decode_jpeg(data, "RGB")
    except ValueError as error:
        if "extraneous bytes before marker 0xd9" not in str(error):
            return None
        return simplejpeg.decode_jpeg(data, "RGB", strict=False)  # padded, and whole
