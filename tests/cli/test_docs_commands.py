"""Every command of the pages runs, in a workspace without camera and screen.

A command that a test cannot run stands in `NOT_RUN` with the reason; one that is neither run nor
listed there fails. The commands run as they are written, in order, with arguments added that make
them short (`SHORTER`): what is given twice counts the second time.
"""

import contextlib
import io
import os
import runpy
import shlex
import subprocess
import sys

import doc_blocks
import pytest

from tfod.cli import main
from tfod.config import apply_overrides, read_config, write_config
from tfod.config.templates import new_config
from tfod.workspace import Workspace

ZOO = "pre-trained-models/ssd_mobilenet_v2_fpnlite_640x640_coco17_tpu-8"
IN_MAKE = "a line of `make test`"
INSTALLS = "installs; the person who reads this did it"
NOT_RUN = {
    "source .venv/bin/activate": "changes the shell it runs in",
    "tfod capture --from film.mp4 --every 10": "tests/steps/capture/test_capture_film.py",
    "tfod label": "a window to draw in; tests/steps/label/test_label.py",
    "tfod label --suggest some_model.tflite --rename person=Mask": "label/test_suggest.py",
    "tfod import export.zip --name cats": "tests/steps/import_data/test_import_data.py",
    "tfod train cats": "tests/steps/import_data/test_import_data.py, up to the records",
    "tfod fetch": "network; the test writes a small checkpoint there",
    "tfod live coco": "network; tests/steps/prepare/test_prepare_detector.py",
    "tfod detect coco photo.jpg": "network; tests/steps/prepare/test_prepare_detector.py",
    "pytest tests/steps/evaluate/test_evaluate.py -k published_model": "is a test",
    "tfod runs masks masks2": "tests/steps/runs/test_runs.py",
    "tfod tune masks --trials 20 --minutes 60": "tests/steps/test_tune.py",
    "tfod tensorboard masks": "runs until Ctrl-C; tests/steps/test_tensorboard.py",
    "tfod demo": "tests/steps/test_demo.py",
    'python -m pip install -c constraints.txt -e ".[label]"': INSTALLS,
    "python benchmarks/gpu.py": "tests/test_gpu_benchmark.py",
    "python -m zipfile -c project.zip workspace annotations": "tests/test_notebooks.py",
    "py -3.11 -m venv .venv": INSTALLS,
    r".venv\Scripts\activate": "changes the shell it runs in",
    'python -m pip install -c constraints.txt -e ".[test,label]"': INSTALLS,
    "ruff format --check .": IN_MAKE,
    "ruff check .": IN_MAKE,
    "mypy": IN_MAKE,
    "pytest": IN_MAKE,
}
FRAMES = "--camera 'synthetic:classes=Mask,No-mask;frames=6'"
SHORTER = {
    "python capture_images.py": "--number 8 --every 0 --countdown 0",
    "tfod train": "--steps {steps}",
    "tfod label --suggest": "--status",
    "tfod live": FRAMES,
    "python scripts/model_main_tf2.py": "--num_train_steps {steps}",
}
SMALL = (
    "model.ssd.feature_extractor.depth_multiplier=0.35",
    "model.ssd.feature_extractor.fpn.additional_layer_depth=32",
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.depth=16",
)
FROM_README = [
    "workspace/models/masks/checkpoint",
    "workspace/models/masks/eval/metrics.json",
    "exported-models/masks/saved_model/saved_model.pb",
    "annotations/label_map.pbtxt",
    "annotations/test.csv",
    "workspace/live.mp4",
]


# what a page needs, an earlier one has made
IN_ORDER = [
    *(f"steps/{step}" for step in ("capture", "label", "check", "split", "records")),
    *(f"steps/{step}" for step in ("convert", "fetch", "config", "train", "evaluate", "runs")),
    *(f"steps/{step}" for step in ("tensorboard", "export", "detect", "live", "info", "demo")),
    "steps/import", "steps/tune",
    "old_project", "colab", "figures",
]  # fmt: skip


def is_run(command):
    """Whether `run_one` takes it: ours, a make target, or an environment variable."""
    return command.split()[0] in ("tfod", "python", "make", "export")


def test_every_command_of_the_pages_is_run_or_listed(root):
    listed = set()
    for page in doc_blocks.pages(root):
        for command in doc_blocks.commands(page):
            listed |= {command} & NOT_RUN.keys()
            assert command in NOT_RUN or is_run(command), f"{page}: {command}"
    said = "".join(page.read_text(encoding="utf-8") for page in doc_blocks.pages(root))
    gone = {command for command in NOT_RUN.keys() - listed if f"`{command}`" not in said}
    assert not gone, "NOT_RUN lists commands that no page has"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_exist(root, page):
    for command in doc_blocks.commands(root / page):
        if command.split()[0] == "make":
            dry = [*shlex.split(command), "--dry-run", "--no-print-directory"]
            done = subprocess.run(dry, cwd=root, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            assert done.stdout


def published_checkpoint(folder):
    """Write a checkpoint in the layout of the published ones, of a small network."""
    from tfod.model.checkpoints.save import save_exporter_checkpoint
    from tfod.model.ssd import SSD

    config = new_config(Workspace("."), 90, size=64)
    apply_overrides(config, SMALL)
    write_config(config, folder / "pipeline.config", Workspace("."))
    save_exporter_checkpoint(folder / "checkpoint", SSD(config.model.ssd, seed=0))


def run_one(command, root, monkeypatch):
    """Run a command line in this process, where it is ours; give its exit code."""
    program, *arguments = shlex.split(command)
    if program == "export":
        for setting in arguments:
            monkeypatch.setenv(*setting.split("=", 1))
        return 0
    if program == "tfod":
        return main(arguments)
    assert program == "python" and arguments[0].endswith(".py"), command
    monkeypatch.setattr(sys, "argv", [str(root / arguments[0]), *arguments[1:]])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(root / arguments[0]), run_name="__main__")
    return end.value.code or 0


@pytest.mark.slow
def test_commands_of_the_readme_run_in_order(root, workspace, monkeypatch, capfd):
    pages = [root / "README.md", *(root / f"docs/{name}.md" for name in IN_ORDER)]
    lines = [line for page in pages for line in doc_blocks.commands(page) if line not in NOT_RUN]
    for line in [line for line in lines if line.startswith("export ")]:
        assert run_one(line, root, monkeypatch) == 0
    assert os.environ["TFOD_CAMERA"] == "synthetic" and os.environ["TFOD_HEADLESS"] == "1"
    published_checkpoint(workspace / ZOO)
    steps = 0
    for line in lines:
        if line.startswith(("make ", "export ")):
            continue
        added = [more for start, more in SHORTER.items() if line.startswith(start)]
        steps += 2 * any("steps" in more for more in added)
        command = " ".join([line, *added]).format(steps=steps)
        code = run_one(command, root, monkeypatch)
        said = capfd.readouterr()
        expected = (0, 3) if "--strict" in command else (0,)
        assert code in expected, f"{command}\n{said.out}\n{said.err}"
        assert "Traceback" not in said.err
        check_next(command, said.out)
    for path in FROM_README:
        assert (workspace / path).exists(), path
    settings = read_config("workspace/models/masks/pipeline.config", Workspace("."))
    assert settings.model.ssd.num_classes == 2
    assert settings.train_config.fine_tune_checkpoint == f"{ZOO}/checkpoint/ckpt-0"


def check_next(command, out):
    """What a command of ours says to run next is a command that exists."""
    steps = [line.removeprefix("next:").split() for line in out.splitlines() if "next:" in line]
    for step in steps:
        if step[0] == "tfod":
            with contextlib.redirect_stdout(io.StringIO()) as page:
                assert main([step[1], "--help"]) == 0, f"{command}: next {step}"
            assert step[1] in page.getvalue()
