"""Reading pipeline.config: the files of real users, odd spellings, and messages with the line."""

import csv
import subprocess
import sys

import pytest
from refusals import raises_problem

from tfod.config import config_text, parse_config, read_config, write_config
from tfod.config.templates import default_config
from tfod.remedies import Remedy
from tfod.workspace import Workspace

HERE = Workspace(".")
CHECKPOINT = "train_config {{ fine_tune_checkpoint: {} }}"


def wild_configs(shared):
    folder = shared / "wild/pipeline_configs"
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        return [(folder / row["file"], row) for row in csv.DictReader(index, delimiter="\t")]


def test_every_wild_file(shared):
    rows = wild_configs(shared)
    assert len(rows) > 60
    for path, row in rows:
        refused = row["upstream_parse"].startswith("ERROR")
        other = row["model"].split()[0] != "ssd"
        if refused or other:
            code = "another-architecture" if other else "config-unknown-field"
            line = row["upstream_parse"].split(":")[1].strip() if refused else None
            with raises_problem(code, where=path) as found:  # "ERROR ParseError: LINE:COLUMN : ..."
                read_config(path, HERE)
            if refused:
                assert found[0].line == int(line)
            continue
        config = read_config(path, HERE)
        assert parse_config(config_text(config)) == config
        if row["equals_own_MessageToString"] == "yes":
            text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            assert same_but_for_letters(config_text(parse_config(text)), text), path
            written = config_text(config, HERE)
            assert same_but_for_letters(written, text.replace("\\\\", "/")), path
        ssd = config.model.ssd
        assert str(ssd.num_classes) == row["num_classes"]
        assert ssd.feature_extractor.type == row["model"].split(" / ")[1]
        assert str(config.train_config.batch_size) == row["batch_size"]
        resizer = ssd.image_resizer.fixed_shape_resizer
        if "fixed" in row["image_size"]:
            assert f"{resizer.height}x{resizer.width} fixed" == row["image_size"]


def same_but_for_letters(ours, theirs):
    """Equal once the old octal escapes for letters outside ASCII are written as letters."""
    return parse_config(theirs) == parse_config(ours) and (ours == theirs or "\\3" in theirs)


def test_the_real_project(shared, tmp_path):
    path = shared / "datasets/mask/pipeline.config"
    config = read_config(path, HERE)
    assert config.train_config.fine_tune_checkpoint.startswith("pre_trained_model/ssd_mobilenet")
    write_config(config, tmp_path / "pipeline.config", HERE)
    assert (tmp_path / "pipeline.config").read_text() == path.read_text().replace("\\\\", "/")


def test_short_numbers(shared):
    path = shared / "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8/pipeline.config"
    assert "0.07999999821186066" in path.read_text()
    assert "learning_rate_base: 0.08\n" in config_text(read_config(path, HERE))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_endings(encoding, newline, tmp_path):
    config = default_config()
    config.train_config.fine_tune_checkpoint = "Bücher/ckpt-0"
    path = tmp_path / "pipeline.config"
    path.write_bytes(config_text(config).replace("\n", newline).encode(encoding))
    assert read_config(path, HERE) == config
    assert read_config(str(path), HERE) == config


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'"C:\train\new\001.record"', r"C:\train\new\001.record"),
        (r'"C:\Users\xavier\b"', r"C:\Users\xavier\b"),
        (r"'data\records\\train'", r"data\records\train"),
        (r'"C:\\train\\new"', r"C:\train\new"),
        (r'"B\303\274cher/\'a\'"', "Bücher/'a'"),
        ('"Bücher/a"', "Bücher/a"),
        (r'"C:\a" "\new"', r"C:\a\new"),
        ('"/home/x y/ckpt-0"', "/home/x y/ckpt-0"),
    ],
)
def test_windows_paths_with_and_without_escapes(written, meant):
    config = parse_config(CHECKPOINT.format(written))
    assert config.train_config.fine_tune_checkpoint == meant
    assert parse_config(config_text(config)) == config


def test_escapes_elsewhere_keep_their_meaning():
    assert parse_config(r'eval_config { export_path: "a\tb" }').eval_config.export_path == "a\tb"


BATCH, WHOLE = "train_config.batch_size", "a whole number, 0 or more"
BAD = {  # text -> code, line, setting, more fields of the problem
    "train_config {\n  batchsize: 8\n}": ("unknown-field", 2, "train_config.batchsize", {}),
    "model { ssd {\n nms {} } }": ("unknown-field", 2, "model.ssd.nms", {}),
    "modle {}": ("unknown-field", 1, "modle", {}),
    "train_config {\n\n  batch_size: eight }": (
        "wrong-type", 3, BATCH, {"got": "eight", "expected": WHOLE},
    ),
    'train_config { batch_size: "8" }': ("wrong-type", 1, BATCH, {"got": '"8"'}),
    "train_config { batch_size: -8 }": ("wrong-type", 1, BATCH, {"got": "-8", "expected": WHOLE}),
    "train_config { batch_size: 99999999999 }": ("wrong-type", 1, BATCH, {"got": "99999999999"}),
    "model { ssd { num_classes: 2.5 } }": (
        "wrong-type", 1, "model.ssd.num_classes", {"got": "2.5", "expected": "a whole number"},
    ),
    "train_config { use_bfloat16: maybe }": (
        "wrong-type", 1, "train_config.use_bfloat16", {"expected": "true or false"},
    ),
    "train_config { fine_tune_checkpoint: 3 }": (
        "wrong-type", 1, "train_config.fine_tune_checkpoint", {"expected": "text in quotes"},
    ),
    "train_config { fine_tune_checkpoint_version: V3 }": (
        "wrong-type", 1, "train_config.fine_tune_checkpoint_version",
        {"got": "V3", "expected": "UNKNOWN, V1, V2"},
    ),
    "train_config { gradient_clipping_by_norm: x }": (
        "wrong-type", 1, "train_config.gradient_clipping_by_norm", {"expected": "a number"},
    ),
    'eval_config { export_path: "\\377" }': (
        "wrong-type", 1, "eval_config.export_path", {"expected": "text in quotes"},
    ),
    "train_config {\n batch_size: 8": ("syntax", 2, "", {}),
    "train_config {\n batch_size 8\n}": ("syntax", 2, "", {}),
    "train_config {\n}\n}": ("syntax", 3, "", {}),
    'train_config {\n fine_tune_checkpoint: "a\n}': ("syntax", 2, "", {}),
    "train_config: 3": ("syntax", 1, "", {}),
    "<html>": ("syntax", 1, "", {}),
    "model {\n faster_rcnn {\n  num_classes: 3 } }": (
        "another-architecture", 3, "model.faster_rcnn", {"what": "Faster R-CNN is"},
    ),
    "model { center_net { num_classes: 3 } }": (
        "another-architecture", 1, "model.center_net", {"what": "CenterNet is"},
    ),
    "eval_input_reader: [{shuffle: true},\n{shufle: true}]": (
        "unknown-field", 2, "eval_input_reader[1].shufle", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_one_problem_that_says_where_and_what(text):
    code, line, setting, more = BAD[text]
    code = code if code == "another-architecture" else f"config-{code}"
    with raises_problem(code, where="a.config", line=line, setting=setting, **more) as found:
        parse_config(text, "a.config")
    assert "\n" not in str(found[0]) and "tfod." not in str(found[0])


def test_what_is_meant_or_what_there_is():
    with raises_problem("config-unknown-field", remedy=Remedy.DID_YOU_MEAN) as found:
        parse_config("train_config { batchsize: 8 }")
    assert found[0].remedy == Remedy.DID_YOU_MEAN(name="batch_size")
    with raises_problem("config-unknown-field", remedy=Remedy.EDIT_LINE) as found:
        parse_config("model { ssd { qqqqqq {} } }")
    assert "num_classes" in found[0].expected


def test_files_that_are_none(tmp_path):
    empty, binary = tmp_path / "empty.config", tmp_path / "binary.config"
    empty.write_text(" \n")
    binary.write_bytes(b"model {\n\xff\x00}")
    for path, code, line in [
        (empty, "config-empty", None),
        (binary, "not-utf8", 2),
        (tmp_path / "none.config", "not-found", None),
        (tmp_path, "not-readable", None),
    ]:
        with raises_problem(code, where=path, line=line):
            read_config(path, HERE)


def test_overrides_while_reading(shared):
    path = shared / "datasets/mask/pipeline.config"
    config = read_config(path, HERE, ["train_config.batch_size=4", "model.ssd.num_classes=7"])
    assert config.train_config.batch_size == 4
    assert config.model.ssd.num_classes == 7


def test_without_tensorflow(shared):
    code = (
        "import sys, tfod.config, tfod.workspace\n"
        "config = tfod.config.read_config(sys.argv[1], tfod.workspace.Workspace('.'))\n"
        "tfod.config.check_config(config, sys.argv[1])\n"
        "sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(shared / "datasets/mask/pipeline.config")]
    assert subprocess.run(command, check=False).returncode == 0
