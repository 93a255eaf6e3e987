"""The one file of rules is whole: it adds up, and every rule has its mark, its reason, and something that reads it."""

from pathlib import Path

from game.procedure import cementing, errors, opening, rules, steps
from game.procedure.score import score
from tests.procedure.hand import perform

LAW = rules.load()


def test_points_add_up_to_100_by_every_route():
    fixed = sum(line.points for line in LAW.lines.values() if not line.route)
    assert {name: fixed + sum(shares.values()) for name, shares in LAW.routes.items()} == {"5": 100, "7": 100, "9": 100}


def test_every_line_has_a_mark_a_reason_and_what_to_do_instead():
    for line in LAW.lines.values():
        assert line.mark in ("P", "O"), line.id
        assert line.why.endswith(".") and line.instead.endswith("."), line.id
    for error in LAW.errors.values():
        assert error.mark in ("P", "O") and error.why and error.instead and error.text, error.id


def test_every_line_is_judged_and_every_judgement_has_a_line():
    judged = {*opening.ONCE, *steps.EACH, *cementing.LINES, "medial"}
    assert judged == set(LAW.lines)


def test_every_error_has_a_detector():
    found = {*errors.NEEDLE, *errors.EXITS.values(), *errors.CEMENT, "false-start", "paste-thin", "paste-stiff"}
    found -= {"paste", "out-of-body"}
    assert found == set(LAW.errors)


def test_every_tolerance_is_read_somewhere():
    code = "".join(path.read_text(encoding="utf-8") for path in rules.FILE.parent.glob("*.py"))
    unread = [name for name in LAW.tolerances if f'"{name}"' not in code and not name.startswith("ceiling_")]
    assert unread == []


def test_the_cap_is_under_what_the_lucky_operator_can_reach_and_not_under_the_blind_one_s():
    lucky = score([e for e in perform() if not (e.kind == "picture" and e["view"] == "lateral")])
    blind = score([e for e in perform() if e.kind not in ("picture", "pulse", "armed")])
    assert blind.score <= LAW.cap < lucky.score < 60.0


def test_no_other_file_of_the_room_holds_points():
    for path in Path(rules.FILE).parent.glob("*.py"):
        assert "points = " not in path.read_text(encoding="utf-8").replace("points = round", ""), path.name
