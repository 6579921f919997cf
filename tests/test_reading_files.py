"""Text and images found and read, whatever wrote them."""

import pytest
from refusals import raises_problem

from tfod.listing import IMAGE_SUFFIXES, files_below, files_in, read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_text_in_any_unicode(tmp_path, encoding):
    path = tmp_path / "a.txt"
    text = "Maske: ä\r\nNo-mask\r"
    if encoding == "utf-16-le-bom":
        path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    else:
        path.write_bytes(text.encode(encoding))
    assert read_text(path) == "Maske: ä\nNo-mask\n"


def test_other_text_is_refused_with_its_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\nm\xe4\n")
    with raises_problem("not-utf8", where="a.txt", line=3):
        read_text(path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 101)
    with raises_problem("file-too-large", where="a.txt", got="101"):
        read_text(path, most_bytes=100)
    assert len(read_text(path, most_bytes=101)) == 101


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with raises_problem("not-found", where="none.txt"):
        read_text(tmp_path / "none.txt")
    with raises_problem("not-readable", where=tmp_path.name):
        read_text(tmp_path)
    with raises_problem("no-such-folder", where="none"):
        files_in(tmp_path / "none")


def test_images_are_listed_without_hidden_files_and_folders(tmp_path):
    for name in ("b10.JPG", "b9.jpg", "._b9.jpg", "a.xml", "c.png"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    names = [path.name for path in files_in(tmp_path, IMAGE_SUFFIXES)]
    assert names == ["b10.JPG", "b9.jpg", "c.png"]
    names = [path.name for path in files_in(tmp_path, IMAGE_SUFFIXES, natural=True)]
    assert names == ["b9.jpg", "b10.JPG", "c.png"]
    assert len(files_in(tmp_path)) == 4


def test_files_of_all_folders_without_hidden_ones(tmp_path):
    names = ["b10.jpg", "b2.JPG", "in/c.png", "in/.hidden.png", ".cache/d.jpg", "notes.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def found(*suffixes, natural=False):
        paths = files_below(tmp_path, suffixes or IMAGE_SUFFIXES, natural)
        return [path.relative_to(tmp_path).as_posix() for path in paths]

    assert found() == ["b10.jpg", "b2.JPG", "in/c.png"]
    assert found(natural=True) == ["b2.JPG", "b10.jpg", "in/c.png"]
    assert found(".txt") == ["notes.txt"]
    with raises_problem("no-such-folder", where="nowhere"):
        files_below(tmp_path / "nowhere")
