"""`tfod fetch` against a web server on this machine that cuts, lies, stalls and does harm."""

import errno
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.error
from pathlib import Path

import pytest
from file_server import serving
from filelock import FileLock
from zoo_archive import add, pack, packed, write_published

from tfod.cli import main
from tfod.steps.fetch import download, zoo
from tfod.steps.fetch.trouble import CutShort, clause, final_problem

MODEL = zoo.find("320")
NAME = MODEL.name
PLACE = Path("pre-trained-models")
TARGET, PART = PLACE / NAME, PLACE / f"{NAME}.tar.gz.part"
FILES = {"checkpoint/ckpt-0.data-00000-of-00001", "checkpoint/ckpt-0.index", "pipeline.config"}
FILES_ = ("pipeline.config", "checkpoint/ckpt-0.index")
BY_HAND, DIFFERENT = "download-by-hand", "not-this-checkpoint"
PAGE = b"<!DOCTYPE html><html><title>Log in to the hotel</title></html>" * 50


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder as in the archive; not to be changed."""
    return write_published(tmp_path_factory.mktemp("zoo"), MODEL)


@pytest.fixture(scope="module")
def archive(published) -> bytes:
    return pack(published)


@pytest.fixture(autouse=True)
def quick(workspace, monkeypatch):
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("TFOD_ZOO_URL", raising=False)


@pytest.fixture
def fetch(capsys):
    """Run the command; give exit code and everything it said."""

    def run(*arguments, name="320"):
        code = main(["fetch", name, *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def refused(fetch):
    """Run the command, which must be refused with one problem; give the problem and the notes."""

    def run(code, *arguments, name="320", **fields):
        ended, said = fetch("--json", *arguments, name=name)
        start, end = said.index("{\n"), said.rindex("}\n") + 2
        (problem,) = json.loads(said[start:end])["error"]["problems"]
        assert ended == 2 and problem["code"] == code, said
        for field, words in fields.items():
            assert str(words) in str(problem[field]), problem
        return problem, said[:start] + said[end:]

    return run


def assert_there():
    """The checkpoint is there as published, and nothing else."""
    assert {path.name for path in PLACE.iterdir()} == {NAME}
    found = {p.relative_to(TARGET).as_posix() for p in TARGET.rglob("*") if p.is_file()}
    assert found == FILES | {"fetched.json"}
    memory = json.loads((TARGET / "fetched.json").read_text())
    assert set(memory["files"]) == FILES and memory["variables"] == 384


def assert_nothing(part=False):
    """Nothing is there but perhaps a part to be resumed."""
    names = {path.name for path in PLACE.iterdir()}
    assert names == ({PART.name, f"{PART.name}.json"} if part else set())
    assert {path.name for path in Path().iterdir()} == {PLACE.name}


def test_downloads_and_a_second_time_does_not(fetch, archive):
    with serving(archive) as server:
        code, said = fetch("--url", server.url)
        assert code == 0 and "downloaded, checked (384 variables)" in said
        assert f"next:  tfod train NAME --checkpoint pre-trained-models/{NAME}" in said
        assert_there()
        assert server.asked == [(f"/{NAME}.tar.gz", "", "")]
        code, said = fetch("--url", server.url)
        assert code == 0 and "already there, unchanged" in said and "wrote" not in said
        assert len(server.asked) == 1
    code, said = fetch("--json", "--url", server.url)
    result = json.loads(said)
    assert result["how"] == "there" and result["archive_bytes"] == len(archive)
    assert result["wrote"] == [] and result["folder"] == str(TARGET)


def test_into_the_workspace_that_is_meant(fetch, archive):
    Path("other").mkdir()
    with serving(archive) as server:
        code, said = fetch("--url", server.url, "--workspace", "other")
    assert code == 0 and f"wrote: {Path('other') / TARGET}" in said
    assert (Path("other") / TARGET / "fetched.json").is_file() and not PLACE.exists()


@pytest.mark.parametrize("mark", [{}, {"etag": "", "modified": "Sat, 11 Jul 2020 00:00:00 GMT"}])
def test_cut_again_and_again_and_resumed_each_time(fetch, archive, mark):
    cuts = [1000, 50_000, 0, 0, 0, 100_000]
    with serving(archive, cuts=cuts, **mark) as server:
        code, said = fetch("--url", server.url)
    assert code == 0 and said.count("trying again") == 6
    ranges = [span for _, span, _ in server.asked]
    assert ranges == ["", "bytes=1000-", *["bytes=51000-"] * 4, "bytes=151000-"]
    assert_there()


def test_cut_too_often_keeps_the_part_and_the_next_run_goes_on(fetch, refused, archive):
    with serving(archive, cuts=[70_000, 0, 0, 0, 0, 0]) as server:
        problem, _ = refused("download-incomplete", "--url", server.url, what="70,000 of")
        address = f"{zoo.ADDRESS}/{NAME}.tar.gz"
        by_hand = {"action": BY_HAND, "address": address, "folder": str(PLACE)}
        assert problem["remedy"] == by_hand
        assert_nothing(part=True)
        server.cuts, server.asked = [], []
        code, said = fetch("--url", server.url)
        assert code == 0 and "continuing after the first 0.1 MB" in said
        assert server.asked == [(f"/{NAME}.tar.gz", "bytes=70000-", '"one"')]
    assert_there()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"ranges": False}, "the server cannot resume"),
        ({"etag": '"two"'}, "the server cannot resume"),
        ({"data": b""}, "is now shorter"),
    ],
)
def test_what_cannot_be_resumed_begins_anew(fetch, refused, archive, how, words):
    with serving(archive, cuts=[70_000, *[0] * 5]) as server:
        assert fetch("--url", server.url)[0] == 2
        server.cuts, server.asked = [], []
        for name, value in how.items():
            setattr(server, name, value)
        if "data" in how:
            _, said = refused("download-incomplete", "--url", server.url, what="sent nothing")
            assert_nothing()
        else:
            code, said = fetch("--url", server.url)
            assert code == 0
            assert_there()
        assert words in said and "starting again from the beginning" in said
        assert [span for _, span, _ in server.asked][:2] == ["bytes=70000-", ""]


@pytest.mark.parametrize("how", [{"ranges": False}, {"etag": ""}, {"etag": 'W/"weak"'}])
def test_always_cut_and_never_resumed_ends(refused, archive, how):
    with serving(archive, cuts=[70_000], cuts_go_on=True, **how) as server:
        refused("download-incomplete", "--url", server.url)
    assert len(server.asked) < 15


def test_a_part_of_another_address_is_not_joined(fetch, archive):
    with serving(archive, cuts=[70_000, *[0] * 5]) as server:
        assert fetch("--url", server.url)[0] == 2
    with serving(archive) as server:
        assert fetch("--url", server.url)[0] == 0
        assert server.asked == [(f"/{NAME}.tar.gz", "", "")]


def test_a_whole_part_needs_no_network(fetch, archive):
    """A run that was killed after the download, before unpacking."""
    PLACE.mkdir()
    PART.write_bytes(archive)
    url = f"https://nowhere.invalid/{NAME}.tar.gz"
    note = {"url": url, "mark": "x", "total": len(archive)}
    PART.with_name(f"{PART.name}.json").write_text(json.dumps(note))
    assert fetch("--url", url)[0] == 0
    assert_there()


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"url": 1, "other": 2}'])
def test_a_part_with_a_damaged_note_begins_anew(fetch, archive, note):
    PLACE.mkdir()
    PART.write_bytes(b"\x1f\x8bolder")
    PART.with_name(f"{PART.name}.json").write_text(note)
    with serving(archive) as server:
        assert fetch("--url", server.url)[0] == 0
    assert_there()


def test_says_more_than_it_sends(refused, archive):
    what = f"{len(archive):,} of {len(archive) + 1000:,} bytes"
    with serving(archive, lie=1000) as server:
        refused("download-incomplete", "--url", server.url, what=what)
    assert not TARGET.exists()


@pytest.mark.parametrize("how", [{"lie": -1000}, {"lie": None, "cuts": [70_000]}])
def test_says_less_than_it_sends_or_nothing_and_is_cut(refused, archive, how):
    with serving(archive, **how) as server:
        refused("archive-cut-short", "--url", server.url, path=server.url, remedy=BY_HAND)
    assert_nothing()


@pytest.mark.parametrize("how", [{"lie": None}, {"redirects": 3}, {"codes": [500, 503, 429]}])
def test_all_the_same(fetch, archive, how):
    tries = len(how.get("codes", []))
    with serving(archive, **how) as server:
        code, said = fetch("--url", server.url)
    assert code == 0, said
    assert said.count("trying again") == tries
    assert_there()


@pytest.mark.parametrize(
    ("code", "problem", "times"),
    [
        (404, "download-not-found", 1),
        (410, "download-not-found", 1),
        (403, "download-forbidden", 1),
        (418, "download-refused", 1),
        (503, "server-failing", 5),
    ],
)
def test_the_server_says_no(refused, archive, code, problem, times):
    with serving(archive, codes=[code] * 9) as server:
        refused(problem, "--url", server.url, what=code, path=server.url, remedy=BY_HAND)
    assert len(server.asked) == times
    assert_nothing()


def test_redirects_without_end(refused, archive):
    with serving(archive, redirects=99) as server:
        refused("download-refused", "--url", server.url, what="302")


def test_silence(refused, archive):
    with serving(archive, stall_at=5000, ranges=False) as server:
        what = "stopped answering"
        refused("download-incomplete", "--url", server.url, "--timeout", "0.5", what=what)
    assert_nothing(part=True)


@pytest.mark.parametrize(
    ("data", "code"), [(PAGE, "web-page-instead"), (b"PK\x03\x04" * 200, "not-an-archive")]
)
def test_something_else_comes(refused, data, code):
    with serving(data) as server:
        refused(code, "--url", server.url, path=server.url, remedy=BY_HAND)
    assert_nothing()


def test_a_page_comes_in_place_of_the_rest(fetch, refused, archive):
    with serving(archive, cuts=[70_000, *[0] * 5]) as server:
        assert fetch("--url", server.url)[0] == 2
        server.cuts, server.data, server.ranges = [], PAGE, False
        refused("web-page-instead", "--url", server.url)


@pytest.mark.parametrize("lie", [10**9, None])
def test_more_than_a_checkpoint_has(refused, archive, monkeypatch, lie):
    monkeypatch.setattr("tfod.steps.fetch.job.Job.most_bytes", 50_000)
    with serving(archive, lie=lie) as server:
        refused("download-too-large", "--url", server.url)
    assert not TARGET.exists()


def test_an_archive_that_would_escape(refused):
    data = packed(lambda tar: add(tar, f"{NAME}/../../escaped", b"x" * 600))
    with serving(data) as server:
        refused("archive-unsafe-name", "--url", server.url, path=server.url, remedy=BY_HAND)
    assert_nothing()


@pytest.mark.parametrize(
    ("spoil", "code", "file"),
    [
        (lambda f: (f / FILES_[0]).unlink(), "checkpoint-incomplete", FILES_[0]),
        (lambda f: (f / FILES_[0]).write_text("model {"), "config-syntax", "pipeline.config:1"),
        (lambda f: (f / FILES_[0]).write_text("model { ssd { } }"), DIFFERENT, FILES_[0]),
        (lambda f: (f / FILES_[1]).unlink(), "checkpoint-incomplete", FILES_[1]),
        (lambda f: (f / FILES_[1]).write_bytes(b"x" * 100), "checkpoint-damaged", "ckpt-0"),
        (lambda f: shutil.rmtree(f / "checkpoint"), "checkpoint-incomplete", FILES_[1]),
    ],
)
def test_no_checkpoint_in_it(refused, published, tmp_path_factory, spoil, code, file):
    folder = tmp_path_factory.mktemp("spoilt") / NAME
    shutil.copytree(published, folder)
    spoil(folder)
    with serving(pack(folder)) as server:
        problem, said = refused(code, "--url", server.url, what=file, path=server.url)
    assert problem["remedy"]["action"] == BY_HAND and ".part-" not in f"{problem} {said}"
    assert_nothing()


def test_of_another_network(refused, tmp_path_factory):
    small = write_published(tmp_path_factory.mktemp("small"), MODEL, variables=7)
    Path("small.tar.gz").write_bytes(pack(small))
    refused(DIFFERENT, "--archive", "small.tar.gz", got=7, expected=384, path="small.tar.gz")
    large = write_published(tmp_path_factory.mktemp("large"), zoo.find("640"))
    Path("large.tar.gz").write_bytes(pack(large, NAME))
    refused(DIFFERENT, "--archive", "large.tar.gz", got="640x640", remedy="copy-again")
    assert not TARGET.exists()


def test_interrupted_in_the_middle_and_run_again(fetch, archive):
    if os.name == "nt":
        pytest.skip("there is no SIGINT for one process")
    with serving(archive, stall_at=200_000) as server:
        command = [sys.executable, "-m", "tfod", "fetch", "320", "--url", server.url]
        ran = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert server.stalled.wait(60)
        looked = threading.Event()
        while not (PART.is_file() and PART.stat().st_size == 200_000):
            assert ran.poll() is None
            looked.wait(0.01)
        ran.send_signal(signal.SIGINT)
        _, said = ran.communicate(timeout=60)
        assert ran.returncode == 130, said
        assert "0.2 MB of" in said and "are kept and will not be downloaded again" in said
        assert "Traceback" not in said
        assert_nothing(part=True)
        server.stall_at, server.asked = None, []
        assert fetch("--url", server.url)[0] == 0
        assert server.asked == [(f"/{NAME}.tar.gz", "bytes=200000-", '"one"')]
    assert_there()


def test_two_at_once(refused):
    PLACE.mkdir()
    lock = PLACE / f".{NAME}.lock"
    with FileLock(lock):
        refused("fetch-running", "--url", "https://nowhere.invalid", path=TARGET, remedy="wait")
        assert lock.exists()
    lock.unlink()
    assert_nothing()


def test_the_lock_of_a_process_that_was_killed_is_in_nobody_s_way(fetch, archive):
    PLACE.mkdir()
    lock = PLACE / f".{NAME}.lock"
    code = (
        "import os, sys; from filelock import FileLock; FileLock(sys.argv[1]).acquire(); "
        "os.write(1, b'held'); os.kill(os.getpid(), 9)"
    )
    ran = subprocess.run([sys.executable, "-c", code, lock], capture_output=True)
    assert ran.stdout == b"held" and lock.exists()
    with serving(archive) as server:
        assert fetch("--url", server.url)[0] == 0
    assert_there()


def test_by_hand_into_the_folder(fetch, archive):
    """Also under the name that a browser gives to a second download."""
    for name in (f"{NAME}.tar.gz", f"{NAME}.tar (1).gz", f"{NAME} (2).tar.gz", f"{NAME}.tgz"):
        PLACE.mkdir()
        (PLACE / name).write_bytes(archive)
        code, said = fetch("--url", "https://nowhere.invalid")
        assert code == 0 and "unpacked, checked" in said
        assert (PLACE / name).read_bytes() == archive
        (PLACE / name).unlink()
        assert_there()
        shutil.rmtree(PLACE)


def test_by_hand_from_elsewhere(fetch, refused, archive, tmp_path_factory):
    place = tmp_path_factory.mktemp("a usb stick") / "x.tar.gz"
    place.write_bytes(archive[:-2000])
    refused("archive-cut-short", "--archive", place, path=place, remedy="copy-again")
    assert_nothing()
    place.write_bytes(archive)
    assert fetch("--archive", place)[0] == 0
    assert_there()
    assert json.loads((TARGET / "fetched.json").read_text())["source"] == "x.tar.gz"
    refused("already-there", "--archive", place, path=TARGET, remedy="overwrite")
    refused("not-found", "--archive", "gone.tar.gz", "--force", path="gone.tar.gz")
    assert_there()


def test_unpacked_by_hand(fetch, published):
    shutil.copytree(published, TARGET)
    code, said = fetch()
    assert code == 0 and "was there, checked" in said
    assert "already there, unchanged" in fetch()[1]
    assert_there()


def test_unpacked_by_hand_into_a_folder_too_much(fetch, published):
    shutil.copytree(published, TARGET / NAME)
    (TARGET / ".DS_Store").write_bytes(b"of macOS")
    code, said = fetch()
    assert code == 0 and "moved up" in said
    assert_there()
    shutil.rmtree(TARGET)
    shutil.copytree(published, TARGET / NAME)
    (TARGET / NAME / "pipeline.config").write_text("mine")
    assert fetch()[0] == 2
    assert (TARGET / NAME / "pipeline.config").read_text() == "mine"


@pytest.mark.parametrize("file", sorted(FILES))
def test_changed_since(fetch, refused, archive, file):
    with serving(archive) as server:
        assert fetch("--url", server.url)[0] == 0
        before = (TARGET / file).read_bytes()
        (TARGET / file).write_bytes(before[:-1] + b"x")
        problem, _ = refused("checkpoint-changed", "--url", server.url, what=file, path=TARGET)
        assert problem["remedy"] == {"action": "run", "step": "fetch", "name": NAME, "force": 1}
        server.codes = [404]
        assert fetch("--url", server.url, "--force")[0] == 2
        assert (TARGET / file).read_bytes() == before[:-1] + b"x"
        code, said = fetch("--url", server.url, "--force")
        assert code == 0 and "note" not in said
    assert (TARGET / file).read_bytes() == before
    assert_there()


def test_another_archive_than_before_is_said(fetch, archive, published):
    other = packed(lambda tar: tar.add(published, NAME), compresslevel=1)
    with serving(archive) as server:
        assert fetch("--url", server.url)[0] == 0
        server.data = other
        code, said = fetch("--url", server.url, "--force")
    assert code == 0 and "differs from the one fetched before (SHA-256" in said
    assert_there()


@pytest.mark.parametrize("force", [False, True])
def test_something_of_the_user_is_there(fetch, archive, force):
    (TARGET / "mine").mkdir(parents=True)
    (TARGET / "mine" / "notes.txt").write_text("mine")
    with serving(archive) as server:
        code, said = fetch("--url", server.url, *(["--force"] if force else []))
    assert code == (0 if force else 2)
    if force:
        assert_there()
    else:
        assert "--force" in said and (TARGET / "mine" / "notes.txt").read_text() == "mine"


def test_files_in_the_way(refused):
    PLACE.mkdir()
    TARGET.write_text("a file")
    refused("file-in-the-way", path=TARGET)
    assert TARGET.read_text() == "a file"
    refused("file-in-the-way", "--output", TARGET, path=TARGET)
    refused("not-writable", "--output", TARGET / "below", path=TARGET)


def test_not_trained_yet(fetch, tmp_path_factory):
    model = zoo.find("resnet50-640")
    folder = write_published(tmp_path_factory.mktemp("resnet"), model, variables=9)
    with serving(pack(folder)) as server:
        code, said = fetch("--url", server.url, name="resnet50-640")
    assert code == 0 and "cannot train it yet" in said and "next:" not in said


@pytest.mark.parametrize(
    ("url", "code", "fields"),
    [
        *((url, "not-an-address", {"setting": "url"}) for url in ("ftp://x/y", "file:///x.tar.gz")),
        ("x", "not-an-address", {"setting": "url", "remedy": "archive"}),
        ("http://", "not-an-address", {"setting": "url"}),
        ("http://x:port/", "not-an-address", {"setting": "url"}),
        ("http://127.0.0.1:1/a b", "not-an-address", {"path": "http://127.0.0.1:1/a b"}),
        ("http://nowhere.invalid/zoo", "host-unknown", {"what": "nowhere.invalid"}),
    ],
)
def test_no_address(refused, url, code, fields):
    refused(code, "--url", url, **fields)
    assert_nothing()


def test_nobody_answers(refused, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = f"http://127.0.0.1:{port}"
    refused("server-unreachable", "--url", asked, what=f"127.0.0.1:{port}", remedy=BY_HAND)
    monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{port}")
    what = "the proxy 127.0.0.1 that is set for http"
    problem, _ = refused("server-unreachable", "--url", "http://nowhere.invalid", what=what)
    assert "secret" not in str(problem)


def test_an_address_in_the_environment(fetch, archive, monkeypatch):
    with serving(archive) as server:
        monkeypatch.setenv("TFOD_ZOO_URL", f"{server.url}/mirror/")
        assert fetch()[0] == 0
        assert server.asked[0][0] == f"/mirror/{NAME}.tar.gz"
        assert fetch("--force", "--url", f"{server.url}/mine.tgz?token=1")[0] == 0
        assert server.asked[1][0] == "/mine.tgz?token=1"


def test_too_little_room(refused, archive, monkeypatch):
    free = shutil.disk_usage(".").free
    monkeypatch.setattr(download, "ROOM", 2 * free / len(archive))
    with serving(archive) as server:
        refused("disk-too-small", "--url", server.url, path=PLACE, remedy="free-space")
    assert_nothing()


def test_the_disk_is_full(archive):
    """A limit on the size of files, the nearest to a full disk that a test can have."""
    resource = pytest.importorskip("resource")
    with serving(archive) as server:
        command = [sys.executable, "-m", "tfod", "fetch", "320", "--url", server.url]
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        )
        assert ran.returncode == 2 and "the disk is full" in ran.stderr, ran.stderr
        assert 0 < PART.stat().st_size <= 100_000
        assert main(["fetch", "320", "--url", server.url]) == 0
        assert server.asked[-1][1].startswith("bytes=")
    assert_there()


def test_list(capsys, published):
    shutil.copytree(published, TARGET)
    assert main(["fetch", "--list"]) == 0
    said = capsys.readouterr().out
    to_train, _, others = said.partition("cannot be trained yet")
    for model in zoo.PUBLISHED:
        assert model.name in (to_train if model.trains else others)
    assert "28.2" in said and all(len(line) <= 80 for line in said.splitlines())
    assert main(["fetch", "--list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["checkpoints"]
    assert [row["there"] for row in rows] == [row["name"] == NAME for row in rows]
    assert rows[1]["url"] == f"{zoo.ADDRESS}/{zoo.DEFAULT}.tar.gz" and rows[1]["coco_map"] == 28.2


@pytest.mark.parametrize(
    ("error", "code", "field", "words"),
    [
        (
            urllib.error.URLError(ssl.SSLCertVerificationError("no")),
            *("certificate-untrusted", "expected", "SSL_CERT_FILE"),
        ),
        (
            OSError("Tunnel connection failed: 407 Proxy Authentication Required"),
            *("proxy-refused", "what", "HTTPS_PROXY"),
        ),
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            *("server-unreachable", "what", "zoo.example"),
        ),
    ],
)
def test_trouble_that_another_try_does_not_end(error, code, field, words):
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        reason.verify_message = "self-signed certificate in certificate chain"
    problem = final_problem("https://zoo.example/x", error, False, False)
    assert problem.code == code and words in str(getattr(problem, field))


def test_trouble_that_may_end():
    lost = urllib.error.URLError(socket.gaierror(-3, "Temporary failure in name resolution"))
    assert final_problem("https://zoo.example/x", lost, False, True) is None
    assert final_problem("https://zoo.example/x", lost, False, False) is not None
    assert final_problem("https://zoo.example/x", CutShort("it ended"), False, True) is None
    assert clause(TimeoutError()) == "the server stopped answering"


def test_the_published_one(fetch, shared):
    """The real network: 384 variables under the names of the old API."""
    data = pack(shared / "pre-trained" / NAME)
    with serving(data, cuts=[3_000_000]) as server:
        code, said = fetch("--url", server.url)
        assert code == 0 and "384 variables" in said
        assert server.asked[1][1] == "bytes=3000000-"
    assert main(["config", "x", "--checkpoint", str(TARGET)]) == 2  # no label map yet
