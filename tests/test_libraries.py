"""A library of the system that is missing is named, with the package that needs it."""

import json
import sys

import pytest

from tfod.cli.terminal import report_errors
from tfod.libraries import library_problem, of_import

GONE = "{}: cannot open shared object file: No such file or directory"


def raised_in(module, error):
    """Raise an exception as code of that module would; give it back."""
    try:
        exec("raise error", {"__name__": module, "error": error})
    except ImportError as caught:
        return caught


@pytest.mark.parametrize(
    ("library", "module", "package", "debian"),
    [
        ("libGL.so.1", "cv2", "OpenCV", "libgl1 libglib2.0-0"),
        ("libxcb-icccm.so.4", "PyQt5.QtGui", "LabelImg", "libxcb-icccm4"),
        ("libcudnn.so.9", "tensorflow.python._pywrap", "TensorFlow", None),
        ("libpython3.11.so.1.0", "simplejpeg._jpeg", "simplejpeg", None),
    ],
)
def test_of_an_import(library, module, package, debian):
    loaded = ImportError(GONE.format(library), name=module)
    # TensorFlow wraps what the loader says into an error without a name
    wrapped = raised_in(module, ImportError(f"Traceback ...\nImportError: {GONE.format(library)}"))
    for error in (loaded, wrapped):
        problem = of_import(error)
        assert (problem.code, problem.where) == ("library-missing", library)
        assert package in problem.what
        assert (debian is None) == (problem.advice is None)
        assert debian is None or debian in problem.advice.arguments["packages"]


def test_of_anything_else_nothing_is_said():
    assert of_import(ImportError("No module named x", name="x")) is None
    assert library_problem("libGL.so.1: invalid ELF header", "cv2") is None


def test_a_package_that_is_not_opencv_is_not_called_opencv(capsys):
    def run():
        raise ImportError(GONE.format("libcudnn.so.9"), name="tensorflow")

    assert report_errors(run) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: libcudnn.so.9: TensorFlow needs") and "OpenCV" not in said
    assert "apt-get" not in said
    assert report_errors(run, as_json=True) == 2
    (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem["code"] == "library-missing" and problem["path"] == "libcudnn.so.9"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the words of Linux's loader")
def test_the_words_of_the_loader():
    import ctypes

    with pytest.raises(OSError) as caught:
        ctypes.CDLL("libnowhere.so.9")
    assert library_problem(str(caught.value), "cv2").where == "libnowhere.so.9"
