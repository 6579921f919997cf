"""What the pages in Markdown say: their code blocks, commands, links and the tree."""

import re
from pathlib import Path
from typing import NamedTuple

SHELLS = ("bash", "powershell")
LANGUAGES = (*SHELLS, "text", "python", "toml", "json")


class Block(NamedTuple):
    """A fenced code block."""

    language: str
    line: int
    text: str


def pages(root: Path) -> list[Path]:
    """Every page of the project."""
    patterns = ("*.md", "*/README.md", "docs/**/*.md")
    return [page for pattern in patterns for page in sorted(root.glob(pattern))]


def blocks(page: Path) -> list[Block]:
    """The fenced code blocks of a page."""
    found, language, begun, lines = [], None, 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("```"):
            lines.append(line)
        elif language is None:
            language, begun, lines = line[3:].strip(), number, []
        else:
            found.append(Block(language, begun, "\n".join(lines)))
            language = None
    assert language is None, f"{page}:{begun}: the code block has no end"
    return found


def commands(page: Path) -> list[str]:
    """The command lines of a page, without comments."""
    lines = [line for b in blocks(page) if b.language in SHELLS for line in b.text.splitlines()]
    stripped = [re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines]
    return [line for line in stripped if line]


def links(page: Path) -> list[str]:
    """Targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[str]:
    """Headings outside code blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.findall(r"^#+ (.*)", text, flags=re.M)


def tree(page: Path) -> list[str]:
    """Paths of the page's tree, those of a folder with their folder; each has a remark."""
    (block,) = [b for b in blocks(page) if b.language == "text"]
    folder, found = "", []
    for line in block.text.splitlines():
        name, _, remark = line.strip().partition(" ")
        assert remark.strip(), f"{page}: {name} in the tree has no remark"
        indented = line.startswith(" ")
        if not indented:
            folder = name
        found.append(f"{folder}{name}" if indented else name)
    return found
