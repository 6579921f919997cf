"""Archives that are damaged, or made to do harm; nothing of them is ever left."""

import gzip
import io
import random
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import raises_problem
from zoo_archive import add, pack, packed

from tfod.steps.fetch.unpack import BadArchive, unpack

NAME, MOST = "zoo", 100_000
HELLO = f"{NAME}/hello"


def bomb_of_count(tar):
    for index in range(300):
        add(tar, f"{NAME}/{index}")


def deep(tar):
    add(tar, "/".join([NAME, *"abcdefghij", "file"]))


def twice(tar):
    for text in (b"one", b"two"):
        add(tar, HELLO, text)


def through_a_link(tar):
    add(tar, f"{NAME}/out", type=tarfile.SYMTYPE, linkname="../..")
    add(tar, f"{NAME}/out/escaped", b"x")


def long_header(tar):
    add(tar, HELLO, b"x", pax_headers={"comment": "x" * 3_000_000})


def many_headers(tar):
    """Headers before headers: tarfile reads each with a call inside a call."""
    tar.fileobj.write(pax_header() * 3000)


def pax_header():
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, data = tarfile.XHDTYPE, b"13 comment=x\n"
    info.size = len(data)
    return info.tobuf(tarfile.USTAR_FORMAT) + data.ljust(512, b"\0")


def of(name, data=b"", **fields):
    return lambda tar: add(tar, name, data, **fields)


def both(first, second):
    return lambda tar: (add(tar, first, b"1"), add(tar, second, b"2"))


NAME_, FILE, LARGE = "archive-unsafe-name", "archive-unsafe-file", "archive-too-large"
OTHER, COLLIDE, DAMAGED = "archive-other-content", "archive-names-collide", "archive-damaged"
BAD = {
    "up": (of(f"{NAME}/../../escaped"), NAME_),
    "up first": (of("../escaped"), NAME_),
    "absolute": (of("/tmp/escaped-tfod"), NAME_),
    "drive": (of("C:/escaped"), NAME_),
    "drive inside": (of(f"{NAME}/c:escaped"), NAME_),
    "backslashes": (of(f"{NAME}\\..\\..\\escaped"), NAME_),
    "stream of windows": (of(f"{HELLO}:stream"), NAME_),
    "device of windows": (of(f"{NAME}/AUX.txt"), NAME_),
    "dot at the end": (of(f"{NAME}/hello."), NAME_),
    "nul": (of(HELLO, pax_headers={"path": f"{NAME}/he\0llo"}), NAME_),
    "control": (of(f"{NAME}/he\x1b[2Jllo"), NAME_),
    "long name": (of(f"{NAME}/{'x' * 200}"), NAME_),
    "symlink": (of(HELLO, type=tarfile.SYMTYPE, linkname="/etc/passwd"), FILE),
    "through a symlink": (through_a_link, FILE),
    "hard link": (of(HELLO, type=tarfile.LNKTYPE, linkname="/etc/passwd"), FILE),
    "character device": (of(HELLO, type=tarfile.CHRTYPE), FILE),
    "block device": (of(HELLO, type=tarfile.BLKTYPE), FILE),
    "pipe": (of(HELLO, type=tarfile.FIFOTYPE), FILE),
    "unknown kind": (of(HELLO, type=b"Z"), FILE),
    "sparse": (of(HELLO, type=tarfile.GNUTYPE_SPARSE), FILE),
    "too many bytes": (of(HELLO, b"\0" * 2 * MOST), LARGE),
    "bomb": (of(HELLO, b"\0" * 50_000_000), LARGE),
    "too many files": (bomb_of_count, LARGE),
    "deep": (deep, NAME_),
    "twice": (twice, COLLIDE),
    "case": (both(f"{NAME}/Hello", HELLO), COLLIDE),
    "case of a folder": (both(f"{NAME}/A/x", f"{NAME}/a/y"), COLLIDE),
    "file and folder": (both(HELLO, f"{HELLO}/x"), COLLIDE),
    "folder and file": (both(f"{HELLO}/x", HELLO), COLLIDE),
    "another folder": (of("other/hello"), OTHER),
    "beside the folder": (both(HELLO, "other"), OTHER),
    "a file of that name": (of(NAME), OTHER),
    "nothing": (lambda tar: None, OTHER),
    "path by pax": (of(HELLO, pax_headers={"path": "../escaped"}), NAME_),
    "link by pax": (of(HELLO, type=tarfile.SYMTYPE, pax_headers={"linkpath": "../../x"}), FILE),
    "size by pax": (of(HELLO, b"x", pax_headers={"size": "99999999999999"}), LARGE),
    "size below 0 by pax": (of(HELLO, b"x", pax_headers={"size": "-512"}), FILE),
    "no size by pax": (of(HELLO, b"x", pax_headers={"size": "many"}), None),
    "long header": (long_header, LARGE),
    "many headers": (many_headers, LARGE),
}


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "outside" / "inside"
    made.mkdir(parents=True)
    return made


def refuse(data, folder, code):
    """Unpack something that must be refused, in one sentence, with nothing outside the folder."""
    path = folder.parent / "bad.tar.gz"
    path.write_bytes(data)
    with raises_problem(code, where=path, remedy="copy-again") as problems:
        unpack(path, folder, NAME, MOST)
    assert len(str(problems[0])) < 500 and str(problems[0]).isprintable()
    assert {path.name for path in folder.parent.iterdir()} == {"inside", "bad.tar.gz"}


@pytest.mark.parametrize("kind", BAD)
def test_harmful(folder, kind):
    fill, code = BAD[kind]
    data = packed(fill)
    if code is None:  # tarfile reads it as a file of 0 bytes
        unpack_bytes(data, folder)
        assert (folder / "hello").stat().st_size <= 1
        return
    refuse(data, folder, code)
    assert not any(path.is_symlink() for path in folder.rglob("*"))


@pytest.mark.parametrize("fill", [long_header, many_headers])
def test_headers_that_are_too_much_even_of_a_large_archive(folder, fill):
    path = folder.parent / "bad"
    path.write_bytes(packed(fill))
    with raises_problem("archive-damaged", where=path):
        unpack(path, folder, NAME, 1000 * MOST)


def unpack_bytes(data, folder):
    path = folder.parent / "good.tar.gz"
    path.write_bytes(data)
    unpack(path, folder, NAME, MOST)


def good(tar):
    add(tar, "./", type=tarfile.DIRTYPE)
    add(tar, f"./{NAME}", type=tarfile.DIRTYPE)
    add(tar, f"./{HELLO}", random.Random(0).randbytes(3000), mode=0o000)
    add(tar, f"./._{NAME}", b"of macOS")
    add(tar, f"{NAME}/a/._b", b"of macOS")
    add(tar, f"{NAME}/a/b ä", b"text")


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_good(folder, mode):
    path = folder.parent / "good"
    path.write_bytes(packed(good, mode))
    unpack(path, folder, NAME, MOST)
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))
    assert names == ["a", "a/b ä", "hello"]
    assert (folder / "hello").read_bytes() == random.Random(0).randbytes(3000)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_cut_short(folder, share):
    data = packed(good)
    refuse(data[: int(share * len(data))], folder, "archive-cut-short")


def test_cut_inside_a_whole_gzip(folder):
    plain = packed(good, "w")
    refuse(gzip.compress(plain[:2300]), folder, DAMAGED)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-an-archive"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>", "not-an-archive"),
        (b"PK\x03\x04 zip", "not-an-archive"),
        (gzip.compress(b"no tar", mtime=0), DAMAGED),
        (gzip.compress(b"\0" * 10240, mtime=0), OTHER),
    ],
)
def test_something_else(folder, data, code):
    refuse(data, folder, code)


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_one_byte_is_another(tmp_path_factory, at, value, inside):
    """A flipped byte is found by gzip; inside, unpacking ends in files there or a BadArchive."""
    base = tmp_path_factory.mktemp("flipped")
    folder = base / "inside"
    folder.mkdir()
    data = bytearray(packed(good, "w" if inside else "w:gz"))
    at %= len(data)
    same = data[at] == value
    data[at] = value
    (base / "archive").write_bytes(data)
    try:
        unpack(base / "archive", folder, NAME, MOST)
        header = not inside and at < 10  # time, system and name in the head are not checked
        assert inside or same or header
    except BadArchive:
        assert not same
    assert {path.name for path in base.iterdir()} == {"archive", "inside"}


def test_pack_keeps_what_a_folder_holds(tmp_path, folder):
    (tmp_path / "x" / "sub").mkdir(parents=True)
    (tmp_path / "x" / "sub" / "file").write_bytes(b"data")
    unpack_bytes(pack(tmp_path / "x", NAME), folder)
    assert (folder / "sub" / "file").read_bytes() == b"data"
    assert tarfile.open(fileobj=io.BytesIO(pack(tmp_path / "x"))).getnames()[0] == "x"
