"""The pages say what is so: tree, links, commands and flags. `test_docs_commands.py` runs them."""

import ast
import re
import shlex
import subprocess

import doc_blocks
import pytest
import typer
from test_layers import LAYERS

from tfod.cli import app
from tfod.cli.reference import commands_page
from tfod.config.training_values import FINE_TUNE_TYPES

COMMANDS = typer.main.get_command(app).commands
IN_BACKTICKS = re.compile(r"`(?:python -m )?tfod ([a-z]\w*)([^`]*)`")
# folders whose pages show files and generated usage in indented blocks
INDENTED = ("annotations", "pre-trained-models", "exported-models", "workspace", "docs", "golden")
NO_STEPS = {"cli"}  # `python -m tfod.cli` is no command


def flags_of(command):
    """Every spelling of every flag of a command."""
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}


def test_the_page_of_commands_is_what_the_commands_say(root):
    written = (root / "docs/commands.md").read_text(encoding="utf-8")
    assert written == commands_page(), "run: python -m tfod.cli.reference > docs/commands.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_chapters_and_a_help(root, name):
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    chapter = text.partition(f"## tfod {name}\n")[2].partition("\n## ")[0]
    assert chapter
    for parameter in COMMANDS[name].params:
        assert parameter.help, f"tfod {name}: {parameter.name} says nothing"
        assert parameter.help in chapter
        if parameter.param_type_name == "option":
            assert all(f"`{flag}" in chapter for flag in parameter.opts)
    title = doc_blocks.headings(root / f"docs/steps/{name}.md")[0]
    assert title.lower().startswith(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example_that_can_be_typed(name):
    said = COMMANDS[name].epilog
    assert said.startswith("Example: tfod ")
    called, *arguments = shlex.split(said.removeprefix("Example: tfod "))
    assert called == name
    COMMANDS[name].make_context(name, arguments)


def test_code_blocks_say_their_language(root):
    for page in doc_blocks.pages(root):
        for block in doc_blocks.blocks(page):
            assert block.language in doc_blocks.LANGUAGES, f"{page}:{block.line}"
        if page.parent.name not in INDENTED:
            assert not re.search(r"^    \S.*", outside_blocks(page), re.M), f"{page}: no fence"


def outside_blocks(page):
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def test_the_readme_is_short(root):
    assert len((root / "README.md").read_text(encoding="utf-8").split()) <= 900


def test_links_lead_somewhere(root):
    for page in doc_blocks.pages(root):
        for link in doc_blocks.links(page):
            target, _, anchor = link.partition("#")
            if "://" in target:
                continue
            path = page.parent / target if target else page
            assert path.exists(), f"{page}: {link}"
            anchors = [
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
                for heading in (doc_blocks.headings(path) if anchor else ())
            ]
            assert not anchor or anchor in anchors, f"{page}: {link}"


def entries(folder):
    """Names in a folder as the tree writes them; without hidden and compiled files."""
    return {
        path.name + "/" * path.is_dir()
        for path in folder.iterdir()
        if not path.name.startswith((".", "__pycache__"))
    }


def tracked(root):
    """Names at the top that belong to the project, as git knows them; none without git."""
    files = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True).stdout
    names = {name.partition("/")[0] + "/" * ("/" in name) for name in files.splitlines()}
    return {name for name in names if not name.startswith(".")}


def test_the_tree_is_the_real_one(root):
    listed = doc_blocks.tree(root / "docs/tree.md")
    assert len(listed) == len(set(listed))
    at_top = {path for path in listed if "/" not in path[:-1]}
    assert at_top <= entries(root)  # a user may keep other things beside them
    assert tracked(root) <= at_top
    expanded = {path.partition("/")[0] for path in set(listed) - at_top}
    assert expanded >= {"tfod", "scripts", "docs", "notebooks", "benchmarks"}
    for folder in expanded:
        said = {path.removeprefix(f"{folder}/") for path in listed if path.startswith(f"{folder}/")}
        assert said - {""} == entries(root / folder), f"docs/tree.md: {folder}"


def test_the_page_says_what_the_old_api_would_refuse_of_ours(root):
    """A config with another type of start than these three cannot go back to it."""
    text = (root / "docs/old_project.md").read_text(encoding="utf-8")
    for name in set(FINE_TUNE_TYPES) - {"detection", "full", "classification"}:
        assert f'`fine_tune_checkpoint_type: "{name}"` becomes `"detection"`' in text


def test_the_layers_of_the_page_are_those_that_are_tested(root):
    page = (root / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| ([^|]*) \|", page, re.M)
    for number, (said, modules) in enumerate(rows):
        assert int(said) == number + 1
        there = {
            name
            for name in LAYERS[number]
            if (root / "tfod" / name).is_dir() or (root / f"tfod/{name}.py").is_file()
        }
        assert set(re.findall(r"`(\w+)/?`", modules)) == there, f"layer {said}"
    assert len(rows) == len(LAYERS) - 1  # the last one is __main__.py


def sources(root):
    """Every page and every string in the code, with where it is."""
    for page in doc_blocks.pages(root):
        yield page, page.read_text(encoding="utf-8")
    for path in [*(root / "tfod").rglob("*.py"), *(root / "scripts").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path}:{node.lineno}", node.value
            elif isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "X" for v in node.values]
                yield f"{path}:{node.lineno}", "".join(parts)


def test_commands_named_in_prose_and_messages_exist(root):
    seen = 0
    for place, text in sources(root):
        for name, rest in IN_BACKTICKS.findall(text):
            if name in NO_STEPS:
                continue
            assert name in COMMANDS, f"{place}: there is no `tfod {name}`"
            unknown = set(re.findall(r"--[a-z][a-z-]*", rest)) - flags_of(COMMANDS[name])
            assert not unknown, f"{place}: `tfod {name}{rest}`"
            seen += 1
    assert seen > 20
