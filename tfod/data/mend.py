"""The bytes of a JPEG or PNG as their format wants them, with the same pixels.

Phones, cameras and programs leave oddities in their files that no viewer minds and that strict
decoders refuse: an unknown JFIF revision, bytes between the segments, broken metadata, a missing
end marker. Here they are left out; nothing that makes a pixel is touched. Whether all pixels are
there is decided in `jpeg.py` and by Pillow.

Marker codes are from ITU-T T.81, table B.1; chunks of PNG from the W3C's recommendation, section 5.
"""

import re
from zlib import crc32

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x00IEND\xaeB`\x82"
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_SOS, _EOI, _APP0, _EXIF, _ADOBE, _COMMENT = 0xDA, 0xD9, 0xE0, 0xE1, 0xEE, 0xFE
_SEQUENTIAL = (0xC0, 0xC1)  # in which a scan holds all 64 coefficients
_ALONE = (0x01, *range(0xD0, 0xD8))  # markers without a length
_MARKER = re.compile(rb"\xff([^\x00\xff])", re.DOTALL)
_BEHIND_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_RUN = re.compile(rb"(.)\1+\Z", re.DOTALL)  # of one byte, at the end


def mend(data: bytes, without_padding: bool = False) -> bytes:
    """Leave out what makes no pixel; bytes of another format come back as they are.

    Args:
        data: the whole file, or what is left of it.
        without_padding: of a JPEG, also leave out bytes repeated at the end of a scan. They may be
            pixels, so the result is worth something only when it decodes without a warning.
    """
    if data.startswith(JPEG_START):
        return _mend_jpeg(data, without_padding)
    return _mend_png(data) if data.startswith(PNG_START) else data


def _mend_jpeg(data: bytes, without_padding: bool) -> bytes:
    parts, at, frame = [JPEG_START], 2, 0
    while marker := _MARKER.search(data, at):
        code, at = marker[1][0], marker.end()
        if code == _EOI:
            break
        if code in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if code <= 0xBF or code in (0xC8, *range(0xF0, _COMMENT)) or code == 0xD8 or length < 2:
            parts.append(data[marker.start() :])  # pixels out of step: decoders have to see it
            break
        segment, at = data[at : at + length], at + length
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xCC):
            frame = code
        if code == _SOS and frame in _SEQUENTIAL:
            segment = segment[:-3] + b"\x00\x3f\x00"  # the only values there are
        parts.append(_segment(code, segment))
        if code == _SOS:
            end = _BEHIND_SCAN.search(data, at)
            scan, at = data[at : end.start() if end else None], end.start() if end else len(data)
            parts.append(_scan(scan, end is None, without_padding))
    return b"".join(parts) + JPEG_END


def _segment(code: int, segment: bytes) -> bytes:
    """A segment, its length in front: metadata only as far as it says how to read the pixels."""
    if code == _APP0:
        return JFIF if segment[2:7] == b"JFIF\x00" else b""
    is_exif = code == _EXIF and segment[2:8] == b"Exif\x00\x00"
    is_adobe = code == _ADOBE and segment[2:7] == b"Adobe" and segment[13:14] <= b"\x02"
    if code >= _APP0 and not is_exif and not (is_adobe and len(segment) >= 14):
        return b""
    return bytes((0xFF, code)) + segment


def _scan(scan: bytes, is_cut: bool, without_padding: bool) -> bytes:
    """The coded pixels; zeros behind the last ones are of a disk, not of an encoder."""
    scan = scan.rstrip(b"\xff")  # fills up to a marker; an FF of the pixels has a 00 behind it
    if is_cut:
        scan = scan.rstrip(b"\x00")
    elif without_padding:
        scan = _RUN.sub(rb"\1", scan)
    return scan + b"\x00" if scan.endswith(b"\xff") else scan


def _mend_png(data: bytes) -> bytes:
    parts, at = [PNG_START], len(PNG_START)
    while len(head := data[at : at + 8]) == 8 and head[4:] != b"IEND":
        end = at + 8 + int.from_bytes(head[:4], "big")
        if end > len(data):
            parts.append(data[at:])  # cut off
            break
        checksum = crc32(data[at + 4 : end]).to_bytes(4, "big")
        is_right = data[end : end + 4] == checksum
        if head[4:] == b"IDAT" or is_right:  # the pixels have a checksum of their own, in zlib
            parts += [data[at:end], checksum]
        elif not head[4] & 0x20:  # critical
            parts.append(data[at : end + 4])
        at = end + 4
    return b"".join(parts) + PNG_END
