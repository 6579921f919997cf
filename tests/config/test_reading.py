"""Reading pipeline.config: the files of real users, odd spellings, and messages with the line."""

import csv
import subprocess
import sys

import pytest

from tfod.config import config_text, parse_config, read_config, write_config
from tfod.config.templates import default_config
from tfod.errors import UserError
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
            with pytest.raises(
                UserError, match="another architecture" if other else "unknown"
            ) as e:
                read_config(path, HERE)
            if refused:  # "ERROR ParseError: LINE:COLUMN : ..."
                line = row["upstream_parse"].split(":")[1].strip()
                assert str(e.value).startswith(f"{path}:{line}: ")
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


BAD = {
    "train_config {\n  batchsize: 8\n}": (
        'a.config:2: unknown field "batchsize" in train_config. Did you mean "batch_size"?'
    ),
    "model { ssd {\n nms {} } }": 'a.config:2: unknown field "nms" in model.ssd. Known here: ',
    "modle {}": 'a.config:1: unknown field "modle". Did you mean "model"?',
    "train_config {\n\n  batch_size: eight }": (
        "a.config:3: train_config.batch_size is eight (expected a whole number, 0 or more)."
    ),
    'train_config { batch_size: "8" }': '"8" (expected a whole number',
    "train_config { batch_size: -8 }": "is -8 (expected a whole number, 0 or more).",
    "train_config { batch_size: 99999999999 }": "is 99999999999 (expected a whole number",
    "model { ssd { num_classes: 2.5 } }": "model.ssd.num_classes is 2.5 (expected a whole number)",
    "train_config { use_bfloat16: maybe }": "is maybe (expected true or false).",
    "train_config { fine_tune_checkpoint: 3 }": "is 3 (expected text in quotes).",
    "train_config { fine_tune_checkpoint_version: V3 }": "is V3 (expected UNKNOWN, V1, V2).",
    "train_config { gradient_clipping_by_norm: x }": "is x (expected a number).",
    'eval_config { export_path: "\\377" }': "(expected text in quotes)",
    "train_config {\n batch_size: 8": "a.config:2: not in the form of a pipeline.config",
    "train_config {\n batch_size 8\n}": "a.config:2: not in the form of a pipeline.config",
    "train_config {\n}\n}": "a.config:3: not in the form of a pipeline.config",
    'train_config {\n fine_tune_checkpoint: "a\n}': "a.config:2: not in the form",
    "train_config: 3": "a.config:1: not in the form of a pipeline.config",
    "<html>": "a.config:1: not in the form",
    "model {\n faster_rcnn {\n  num_classes: 3 } }": "a.config:3: Faster R-CNN is another",
    "model { center_net { num_classes: 3 } }": "a.config:1: CenterNet is another architecture",
    "eval_input_reader: [{shuffle: true},\n{shufle: true}]": (
        'a.config:2: unknown field "shufle" in eval_input_reader. Did you mean "shuffle"?'
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_one_line_that_says_where_and_what(text):
    with pytest.raises(UserError) as error:
        parse_config(text, "a.config")
    assert BAD[text] in str(error.value)
    assert str(error.value).startswith("a.config:")
    assert "\n" not in str(error.value) and "tfod." not in str(error.value)


def test_files_that_are_none(tmp_path):
    empty, binary = tmp_path / "empty.config", tmp_path / "binary.config"
    empty.write_text(" \n")
    binary.write_bytes(b"model {\n\xff\x00}")
    for path, text in [
        (empty, "is empty"),
        (binary, "binary.config:2: not a text file"),
        (tmp_path / "none.config", "there is no such file"),
        (tmp_path, "cannot be read"),
    ]:
        with pytest.raises(UserError, match=text):
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
