"""Scenario files: every one loads, every fault is one line that names file, key and what was expected."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.procedure import scenarios
from models.errors import InputError

RECIPES = sorted((Path(__file__).parents[1] / "recipes").glob("*.toml"))

GOOD = """title = "t"
target = "L2"
sides = ["left"]
[patient]
provider = "synthetic"
levels = ["L1", "L2", "L3"]
"""


def fault(tmp_path: Path, text: str) -> str:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        scenarios.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(str(path) + ": ")


@pytest.mark.parametrize("name", [*scenarios.names(), *RECIPES])
def test_every_scenario_that_comes_with_the_program_loads(name: str | Path):
    scenario = scenarios.load(name)
    assert scenario.name == Path(name).stem
    assert scenario.sides


def test_the_first_case_is_the_paper_s_ideal_first_patient():
    scenario = scenarios.load("first-case")
    (fracture,) = scenario.recipe.fractures  # type: ignore[union-attr]
    assert (scenario.target, fracture.level) == ("L2", "L2")
    assert 0.50 <= fracture.anterior_height_fraction <= 0.67
    assert fracture.posterior_height_fraction >= 0.90


def test_a_scenario_by_path_and_by_name_are_the_same():
    assert scenarios.load("first-case") == scenarios.load(str(scenarios.FOLDER / "first-case.toml"))


def test_an_unknown_name_says_what_there_is_and_guesses():
    with pytest.raises(
        InputError, match=r'scenario "?\'?frist-case.*expected one of first-case.*Did you mean "first-case"'
    ):
        scenarios.load("frist-case")


@pytest.mark.parametrize("name", ["no/such.toml", "nothing.toml", "folder/", "back\\slash", "\x00.toml", ""])
def test_a_file_that_is_not_there_is_one_line(name: str):
    with pytest.raises(InputError) as caught:
        scenarios.load(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('sides = ["left"]', 'sides = ["lft"]'), 'sides[0] = "lft": expected "left" or "right". Did you mean "left"?'),
        (('sides = ["left"]', "sides = []"), "sides = []: expected"),
        (('sides = ["left"]', 'sides = ["left", "left"]'), "expected each side once"),
        (('target = "L2"', 'target = "L9"'), 'target = "L9": expected "T4"'),
        (('target = "L2"', 'target = "T12"'), 'target = "T12": expected one of patient.levels (L1, L2, L3)'),
        (('target = "L2"', 'taget = "L2"'), 'taget: unknown key. Did you mean "target"?'),
        (
            ('"synthetic"', '"sythetic"'),
            'patient.provider = "sythetic": expected "synthetic" or "labels". Did you mean "synthetic"?',
        ),
        (('provider = "synthetic"', "seed = 1"), 'patient.provider: missing, expected "synthetic" or "labels".'),
        (
            ('provider = "synthetic"', 'provider = "synthetic"\nfat = 3'),
            'patient.fat: unknown key. Did you mean "fat_mm"?',
        ),
        (
            ('provider = "synthetic"', 'provider = "synthetic"\nfat_mm = -3'),
            "patient.fat_mm = -3: expected greater than or equal to 3",
        ),
        (("[patient]", "[start]\nmedial_mm = 9\n[patient]"), "start.medial_mm = 9: expected less than or equal to 4"),
        (
            ("[patient]", "[start]\nembeded_mm = 3\n[patient]"),
            'start.embeded_mm: unknown key. Did you mean "embedded_mm"?',
        ),
        (
            ('levels = ["L1", "L2", "L3"]', 'levels = ["L2", "L1"]'),
            "patient: expected levels as neighbours from cranial to caudal, not L2, L1",
        ),
        (('title = "t"', "difficulty = 9"), "title: missing"),
        (("[patient]", "[patient"), "not TOML"),
    ],
)
def test_a_fault_names_the_key_and_what_was_expected(tmp_path: Path, change: tuple[str, str], expected: str):
    assert expected in fault(tmp_path, GOOD.replace(*change))


def test_every_fault_is_named_at_once(tmp_path: Path):
    message = fault(tmp_path, GOOD.replace('"left"', '"lft"').replace('"L2"\n', '"L9"\n'))
    assert "sides[0]" in message and "target" in message


def test_a_fracture_of_a_level_that_is_not_there_is_named(tmp_path: Path):
    message = fault(tmp_path, GOOD + '[[patient.fractures]]\nlevel = "L5"\n')
    assert message == 'patient.fractures[0].level = "L5": expected one of patient.levels (L1, L2, L3)'
    nested = fault(tmp_path, GOOD + '[[patient.fractures]]\nlevl = "L2"\n')
    assert 'patient.fractures[0].levl: unknown key. Did you mean "level"?' in nested


def test_bytes_that_are_no_text_are_one_line(tmp_path: Path):
    path = tmp_path / "case.toml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="UTF-8"):
        scenarios.load(path)


WORDS = st.sampled_from(
    ["title", "target", "sides", "patient", "provider", "levels", "x", "fractures", "level", "seed"]
)
VALUES = st.sampled_from(
    ['"L2"', '"left"', '["left"]', "3", "true", "nan", "[[1]]", "{ a = 1 }", '"synthetic"', '"a\\nb"', "1979-05-27"]
)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(WORDS, VALUES), max_size=8),
    table=st.sampled_from(["", "[patient]", "[[patient.fractures]]"]),
)
def test_no_file_makes_more_than_one_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], table: str
):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text("\n".join([*(f"{key} = {value}" for key, value in rows), table]), encoding="utf-8")
    try:
        scenarios.load(path)
    except InputError as error:
        assert "\n" not in str(error)
