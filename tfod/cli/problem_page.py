"""The page docs/problems.md, made from the code: every kind of problem tfod can report.

python -m tfod.cli.problem_page > docs/problems.md
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import tfod
from tfod.remedies import Remedy

HEAD = """# Problems

Every kind of problem that `tfod` reports, made from the code itself:
`python -m tfod.cli.problem_page > docs/problems.md`. A code stays the same from version to version,
so scripts can rely on it. With `--json` a failed command prints its problems on stdout and ends
with exit code 2:

```json
{"error": {"problems": [{
  "code": "not-found", "path": "photo.jpg", "line": null, "setting": null,
  "what": "file not found", "expected": null, "got": null,
  "remedy": {"action": "check-path"}
}]}}
```

"…" stands for a name or a number.

| code | what is wrong | remedy |
|---|---|---|
"""


FIELDS = ("code", "where", "what", "known", "remedy")  # the 4th and 5th: of no_such
MAKERS = ("Problem", "refusal", "no_such")


@dataclass(frozen=True)
class Raised:
    """One place where a problem is made: module and line.

    `code` is "" when it is not a literal; in `what` "…" stands for what is filled in.
    """

    code: str
    what: str
    remedy: str
    place: str


def problems_page() -> str:
    """Write the page, one row for each code in alphabetical order."""
    by_code: dict[str, list[Raised]] = {}
    for raised in [*all_raised(), *_found()]:
        by_code.setdefault(raised.code, []).append(raised)
    return HEAD + "".join(_row(code, by_code[code]) for code in sorted(by_code) if code)


def all_raised() -> list[Raised]:
    """Find every place in the package that makes a `Problem`."""
    package = Path(tfod.__file__).parent
    return [
        raised
        for path in sorted(package.rglob("*.py"))
        for raised in _raised_in(path, path.relative_to(package).as_posix())
    ]


def _found() -> Iterator[Raised]:
    """What `check` can find is in its own table."""
    from tfod.steps.check.kinds import KINDS

    for code, kind in KINDS.items():
        what = re.sub(r"{[^}]*}", "…", f"{kind.noun} {kind.rest}")
        advice = kind.remedy() if isinstance(kind.remedy, Remedy) else kind.remedy
        yield Raised(code, what, advice.action if advice else "", "steps/check/kinds.py")


def _raised_in(path: Path, name: str) -> Iterator[Raised]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    seen: set[int] = set()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for scope in [*reversed(functions), tree]:  # the innermost first
        variables = sorted(_assigned(scope), key=lambda assigned: assigned[0])
        for node in ast.walk(scope):
            if _is_problem(node) and id(node) not in seen:
                seen.add(id(node))
                yield _raised(node, variables, name)


def _assigned(scope: ast.AST) -> Iterator[tuple[int, str, ast.expr]]:
    """Line, name and value of every assignment, also of `a, b = 1, 2`."""
    for node in [node for node in ast.walk(scope) if isinstance(node, ast.Assign)]:
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for variable, value in pairs:
                if isinstance(variable, ast.Name):
                    yield node.lineno, variable.id, value


def _is_problem(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS


def _raised(node: ast.Call, variables: Sequence[tuple[int, str, ast.expr]], name: str) -> Raised:
    given: dict[str, ast.expr] = dict(zip(FIELDS, node.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    for field in ("what", "remedy"):
        variable = given.get(field)
        for line, assigned, value in variables:  # the last one before it counts
            if isinstance(variable, ast.Name) and assigned == variable.id and line < node.lineno:
                given[field] = value
    code = given.get("code")
    return Raised(
        str(code.value) if isinstance(code, ast.Constant) else "",
        _words(given.get("what")),
        _action(given.get("remedy")),
        f"{name}:{node.lineno}",
    )


def _words(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value).replace("{}", "…")
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_words, node.values))
    if isinstance(node, ast.IfExp):
        return f"{_words(node.body)}; or: {_words(node.orelse)}"
    return "…" if node is not None else ""


def _action(node: ast.expr | None) -> str:
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            if part.value.id == "Remedy":
                return part.attr.lower().replace("_", "-")
    return ""


def _row(code: str, raised: list[Raised]) -> str:
    whats = list(dict.fromkeys(one.what.replace("<", "\\<") for one in raised))
    remedies = list(dict.fromkeys(one.remedy for one in raised if one.remedy))
    cells = ["<br>".join(whats).replace("|", "\\|"), ", ".join(remedies)]
    return f"| `{code}` | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    print(problems_page(), end="")
