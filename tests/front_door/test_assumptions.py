"""Every assumed number is on the page of assumptions."""

from tests.front_door import assumptions


def test_the_page_of_assumptions_is_what_the_code_says():
    written = assumptions.PAGE.read_text(encoding="utf-8")
    assert written == assumptions.page(), "run: python -m tests.front_door.assumptions"


def test_numbers_known_to_be_assumed_are_found():
    names = {row[1] for row in assumptions.rows(assumptions.HOUSE / "haptics" / "resistance.py")}
    assert names
