"""The layers of docs/architecture.md: a module imports only from its folder and from above.

Inside `steps/` a step is a folder or a file of its own: it imports no other step, but for the few
that are listed here by name.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = [
    {"remedies", "words", "plain"},
    {
        "errors",
        "workspace",
        "files",
        "listing",
        "locks",
        "progress",
        "boxes",
        "detections",
        "device",
        "libraries",
        "renamed",
        "run_file",
    },
    {"labels", "label_text", "class_numbers", "camera", "show", "config"},
    {"data", "model"},
    {"runtimes"},
    {"steps"},
    {"cli"},
    {"api"},
    {"__main__", "__init__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# the ground and the rooms of one noun each may know each other
NEIGHBOURS = {
    "remedies",
    "plain",
    "errors",
    "files",
    "listing",
    "locks",
    "libraries",
    "renamed",
    "run_file",
    "labels",
    "label_text",
    "class_numbers",
    "camera",
    "show",
}
# step -> the steps it may import
CHAINS = {
    "demo": {"capture", "check", "split", "records", "config", "train", "evaluate", "export",
             "detect", "live"},
    "import_data": {"convert"},
    "train": {"evaluate"},
    "tune": {"train"},
    "export": {"evaluate"},
    "prepare": {"split", "records", "fetch", "config", "export"},
}  # fmt: skip
MODULES = sorted((ROOT / "tfod").rglob("*.py"))


def imported(path):
    """Yield the module of each import from tfod in the file, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((a.name, node.lineno) for a in node.names if a.name.startswith("tfod."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module.split(".")[0] == "tfod":
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    is_module = (ROOT / Path(*full.split("."))).with_suffix(".py").exists()
                    is_package = (ROOT / Path(*full.split("."))).is_dir()
                    yield full if is_module or is_package else node.module, node.lineno


def room(module):
    """The first name under tfod, and the step when it is one: ("steps", "train")."""
    parts = module.split(".")[1:]
    return parts[0], parts[1] if parts[0] == "steps" and len(parts) > 1 else ""


def is_allowed(own, step, other, other_step):
    """Whether a module of one room may import one of another."""
    if own == other:
        return step == other_step or not step or other_step in CHAINS.get(step, ())
    beside = LEVEL[own] == LEVEL[other] and {own, other} <= NEIGHBOURS
    return LEVEL[other] < LEVEL[own] or beside


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_upwards(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    if module == "tfod.__init__":
        return
    own, step = room(module)
    assert own in LEVEL, f"{own} has no layer"
    wrong = [
        f"{path}:{line} imports {name}"
        for name, line in imported(path)
        if name != "tfod" and not is_allowed(own, step, *room(name))
    ]
    assert not wrong, "\n".join(wrong)
