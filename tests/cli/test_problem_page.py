"""docs/problems.md lists every code, as the code itself has them."""

import re

from tfod.cli.problem_page import all_raised, problems_page


def test_the_page_is_the_generated_one(root):
    page = (root / "docs/problems.md").read_text(encoding="utf-8")
    assert page == problems_page(), "python -m tfod.cli.problem_page > docs/problems.md"


def test_every_code_is_a_literal_in_kebab_case():
    raised = all_raised()
    assert len(raised) > 5
    odd = [one for one in raised if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.code)]
    places = [
        one.place
        for one in odd
        if not one.place.startswith(("errors.py", "steps/check/finding.py"))
    ]
    assert not places  # these only pass on
