"""The page: one file, everything on it, nothing of a record taken for markup. Figures and overlay from a small fixture."""

import base64
import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from game.debrief import charts
from game.debrief.content import Act, Debrief, Fault, Feel, Line, Path, Picture
from game.debrief.overlay import displayed, overlay, quarter_turns
from game.debrief.page import Row, index, overlays, page
from game.debrief.pictures import MOST, chosen
from game.fluoroscopy.display import Display, shown
from game.procedure.score import Error
from models.carm import Pose, view

ISOCENTRE = (0.0, 30.0, 0.0)


def png(pixels: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


GREY = png(np.full((64, 64), 120, dtype=np.uint8))


def straight_path() -> Path:
    share = np.linspace(0.0, 1.0, 50)
    tip = np.array([25.0, 95.0, 4.0]) + share[:, None] * np.array([-20.0, -80.0, -4.0])
    return Path(np.linspace(30.0, 130.0, 50), tip, np.maximum(0.0, 80.0 * share - 45.0))


def told(
    t: float, text: str, place: str, mm: float | None, critical: bool, why: str = "", instead: str = "Watch."
) -> Error:
    return Error(t, "any", "left", place, mm, text, critical, why, instead)


def moved(fault: Fault, **changes: Any) -> Fault:
    return replace(fault, error=replace(fault.error, **changes))


def example() -> Debrief:
    path = straight_path()
    return Debrief(
        scenario="First case",
        operator="novice",
        seed=7,
        score=40.0,
        critical=("medial breach of 1.3 mm at 1:40",),
        uncapped=62.0,
        lines=(
            Line(
                "s1", "Step 1: AP view", 4.5, 8.0, "plates 4.7 deg off", "Sharp plates guide the needle.", "Tilt more."
            ),
            Line("s2", "Step 2: pedicle", 6.0, 6.0, "centre at 48 %", "The needle runs mid-body.", "Never shown."),
        ),
        faults=(
            Fault(told(61.0, "advance without a picture", "left pedicle", 6.2, False, "Nobody saw it."), path.tip[15]),
            Fault(told(100.0, "medial cortex breached", "canal", 1.3, True, "", "Stop earlier."), path.tip[40]),
        ),
        pictures=(
            Picture(GREY, 40.0, "step 1", "end plates", Pose(0, 5, 0, ISOCENTRE), 72.0, 0.11, "0.8 mGy", 64),
            Picture(GREY, 120.0, "step 5", "cleared?", Pose(90, 0, 3, ISOCENTRE), 80.0, 0.2, "", 64),
        ),
        path=path,
        feels=(Feel("Left", np.linspace(0, 80, 50), np.linspace(1, 30, 50), np.repeat([2, 4, 5, 6, 7], 10)),),
        acts=(Act("arm", 2.0, 9.0), Act("X-ray", 40.0, 40.0), Act("cement", 200.0, 260.0)),
        figures=(("Pulses", "412"),),
        facts=(("Record", "version 1"),),
        ends_at=300.0,
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.tags


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", html, flags=re.S))).split())


def test_page_is_one_file_that_refers_to_nothing_outside() -> None:
    html = page(example())
    for tag, attributes in tags(html):
        assert tag not in {"script", "link", "iframe", "object", "embed"}
        for key in ("src", "href", "xlink:href", "srcset", "action"):
            value = attributes.get(key)
            assert value is None or value.startswith(("data:image/png;base64,", "#")), (tag, key, value)
    assert "http" not in html
    assert "@import" not in html and not re.search(r"url\((?!#)", html)


def test_ids_are_unique_and_every_reference_inside_the_page_is_answered() -> None:
    found = tags(page(example()))
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {value[1:] for _, a in found if (value := a.get("xlink:href") or a.get("href")) and value.startswith("#")}
    assert wanted and wanted <= set(ids)


def test_every_score_line_and_every_error_is_told_with_its_figure() -> None:
    text = text_of(page(example()))
    for expected in (
        "40 of 100",
        "Step 1: AP view 4.5 of 8 plates 4.7 deg off Sharp plates guide the needle. Instead: Tilt more.",
        "Step 2: pedicle 6 of 6 centre at 48 % The needle runs mid-body.",
        "1 1:01 advance without a picture Nobody saw it. Instead: Watch. left pedicle 6.2",
        "The lines below add up to 62; with a critical error the score ends at 40.",
        "2 1:40 CRITICAL: medial cortex breached Instead: Stop earlier. canal 1.3",
        "1 critical error medial cortex breached at 1:40, canal. Instead: Stop earlier.",
        "Simulated; a training aid, not a medical device.",
        "step 1 : end plates AP, orbital 0.0°, tilt 5.0°, swivel 0.0° 0:40 · 72 kVp · 0.11 mAs · 0.8 mGy",
        "Pulses 412",
    ):
        assert expected in text
    assert "Never shown." not in text  # nothing was lost there


def test_what_cost_the_most_stands_first() -> None:
    text = text_of(page(example()))
    assert text.index("Step 1: AP view: 3.5 points lost.") < text.index("Score, line by line")


def test_an_incomplete_record_says_so_and_a_complete_one_does_not() -> None:
    assert "Incomplete record. It stops at 5:00" in text_of(page(replace(example(), complete=False)))
    assert "Incomplete" not in text_of(page(example()))


def test_a_record_with_nothing_in_it_still_makes_a_page() -> None:
    bare = Debrief("", "", 0, 0.0, (), 0.0, (), (), complete=False)
    text = text_of(page(bare))
    assert "Incomplete record" in text and "Where the needle went" not in text


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=40).map(lambda text: f"<script>\"'&$x^{{{text}"))
def test_no_text_of_a_record_becomes_markup(hostile: str) -> None:
    example_ = example()
    html = page(
        replace(
            example_,
            scenario=hostile,
            operator=hostile,
            critical=(hostile,),
            lines=(Line(hostile, hostile, 0, 5, hostile, hostile, hostile),),
            faults=(Fault(told(3.0, hostile, hostile, None, True, hostile, hostile)),),
            pictures=(replace(example_.pictures[0], step=hostile, caption=hostile, dose=hostile),),
            feels=(replace(example_.feels[0], title=hostile),),
            figures=((hostile, hostile),),
            facts=((hostile, hostile),),
        )
    )
    clean = page(
        replace(example_, lines=example_.lines[:1], faults=example_.faults[:1], pictures=example_.pictures[:1])
    )
    assert {tag for tag, _ in tags(html)} <= {tag for tag, _ in tags(clean)} | {"ul", "li", "strong"}
    assert all(key.replace("-", "").replace(":", "").isalnum() for _, attributes in tags(html) for key in attributes)
    assert html.count("&lt;script&gt;") >= 10


def test_every_picture_and_figure_has_an_alternative_text() -> None:
    for tag, attributes in tags(page(example())):
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes["role"] == "img" and attributes["aria-label"]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_colours_keep_a_contrast_of_four_and_a_half_in_every_theme() -> None:
    themes = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", part))
        for part in re.findall(r":root \{(.*?)\}", page(example()), re.S)
    ]
    assert len(themes) == 3
    for theme in themes:
        for name in ("ink", "muted", "blue", "orange", "green", "red"):
            for ground in ("paper", "card"):
                assert _contrast(theme[name], theme[ground]) >= 4.5, (name, ground)


def test_no_stand_in_colour_is_left_in_a_figure() -> None:
    html = page(example())
    assert "#0102" not in html
    assert "var(--orange)" in html and "var(--paper)" in html


def test_force_figure_names_the_tissue_and_tells_the_peak() -> None:
    chart = charts.force_depth(example().feels[0], "f")
    assert "CANAL" in chart and "cancellous" in chart
    assert "up to 30 N, deepest 80 mm" in chart


def test_nothing_felt_draws_no_force_figure() -> None:
    assert charts.force_depth(Feel(), "f") == ""


def test_timeline_carries_the_number_of_each_error() -> None:
    chart = charts.timeline(example().acts, example().path, example().faults, 300.0)
    shown = re.findall(r"<text[^>]*>([^<]+)</text>", chart)
    assert "1" in shown and "2!" in shown
    assert {"arm", "X-ray", "needle", "cement", "errors"} <= set(shown)


def test_figures_come_out_the_same_each_time() -> None:
    assert page(example()) == page(example())


@pytest.mark.parametrize(("orbital", "turns"), [(0.0, 0), (-5.0, 0), (90.0, 1), (-88.0, 3)])
def test_posterior_is_up_and_cranial_on_the_agreed_side(orbital: float, turns: int) -> None:
    pose = Pose(orbital, 0.0, 0.0, ISOCENTRE)
    assert quarter_turns(pose) == turns
    pinhole = view(pose, 64)
    centre, behind, above = (
        displayed(pinhole.project(np.asarray(ISOCENTRE) + step), turns, 64)
        for step in np.array([[0, 0, 0], [0, 10, 0], [0, 0, 10]], dtype=float)
    )
    if turns == 0:
        assert above[1] < centre[1]
    else:
        assert behind[1] < centre[1]
        assert (above[0] < centre[0]) == (turns == 1)


@given(st.integers(0, 3), st.integers(0, 7), st.integers(0, 7))
def test_picture_and_points_turn_together(turns: int, column: int, row: int) -> None:
    pixels = np.zeros((8, 8), dtype=np.uint8)
    pixels[row, column] = 255
    turned = shown(pixels, Display(turns))
    at = displayed(np.array([column, row], dtype=float), turns, 8)
    assert turned[int(at[1]), int(at[0])] == 255


def test_path_is_solid_until_the_picture_and_dashed_after_it() -> None:
    path = straight_path()
    picture = replace(example().pictures[0], t=80.0, size=512)
    over = overlay(picture, path, ())
    (before,), (after,) = over.before, over.after
    assert before.split()[-1] == after.split()[0]
    assert len(before.split()) + len(after.split()) == 51
    expected = view(picture.pose, 512).project(path.tip[0])
    assert [float(part) for part in before.split()[0].split(",")] == pytest.approx(expected.tolist(), abs=0.06)
    assert over.ends == (pytest.approx(tuple(view(picture.pose, 512).project(path.tip[-1])), abs=1e-6),)


def test_a_fresh_trocar_starts_a_new_line_instead_of_a_stroke_across_the_picture() -> None:
    one = straight_path()
    two = Path(
        np.concatenate([one.t, one.t + 200]),
        np.concatenate([one.tip, one.tip * [-1.0, 1.0, 1.0]]),
        np.concatenate([one.depth, one.depth]),
    )
    over = overlay(replace(example().pictures[0], t=1000.0), two, ())
    assert len(over.before) == 2 and len(over.ends) == 2 and not over.after


def test_errors_at_one_place_share_a_tag_that_is_critical_if_any_is() -> None:
    faults = (*example().faults, moved(example().faults[1], critical=False))
    over = overlay(replace(example().pictures[1], size=512), straight_path(), faults)
    assert [(tag.text, tag.critical) for tag in over.tags] == [("1", False), ("2,3", True)]


def test_index_links_each_page_and_tells_critical_errors_in_words() -> None:
    html = index([Row("a.html", example()), Row("b.html", replace(example(), critical=(), complete=False))])
    assert [attributes["href"] for tag, attributes in tags(html) if tag == "a"] == ["a.html", "b.html"]
    text = text_of(html)
    assert "1 CRITICAL: medial breach" in text and "40 (incomplete)" in text and "Step 1: AP view (3.5 lost)" in text


def test_numbers_of_errors_that_follow_each_other_are_told_as_a_range() -> None:
    faults = tuple(moved(example().faults[0], t=float(at)) for at in range(5))
    (tag,) = overlay(replace(example().pictures[1], size=512), straight_path(), faults).tags
    assert tag.text == "1-5"


def test_the_path_is_drawn_over_a_picture_without_cement_where_there_is_one() -> None:
    late = replace(example().pictures[1], t=131.0)
    clear = replace(late, t=60.0)
    flowing = (Act("cement", 125.0, 140.0),)
    assert [over.picture.t for over in overlays(replace(example(), pictures=(clear, late), acts=flowing))] == [60.0]
    assert [over.picture.t for over in overlays(replace(example(), pictures=(late,), acts=flowing))] == [131.0]


def test_errors_at_one_moment_do_not_cover_each_other_on_the_time_axis() -> None:
    faults = [moved(example().faults[0], t=100.0) for _ in range(5)]
    chart = charts.timeline((), Path(), faults, 300.0)
    places = [
        re.search(r"translate\(([^)]*)\)|x=\"([^\"]*)\" y=\"([^\"]*)\"", text)
        for text in re.findall(r"<text[^>]*>[1-5]<", chart)
    ]
    assert len({found.group(0) for found in places if found}) == 5


@pytest.mark.parametrize(("score", "faults", "box"), [(90.0, 0, "fine"), (25.7, 0, "mixed"), (90.0, 1, "mixed")])
def test_only_a_passed_attempt_without_errors_has_the_green_box(score: float, faults: int, box: str) -> None:
    html = page(replace(example(), score=score, critical=(), faults=example().faults[:faults]))
    assert f'<p class="{box}">No critical error' in html


def test_withdrawal_is_drawn_apart_from_the_way_in() -> None:
    feel = example().feels[0]
    both = replace(
        feel,
        depth=np.concatenate([feel.depth, feel.depth[::-1]]),
        force=np.concatenate([feel.force, -feel.force[::-1]]),
        tissue=np.concatenate([feel.tissue, feel.tissue[::-1]]),
    )
    assert (
        charts.force_depth(both, "a").count("stroke-dasharray")
        == charts.force_depth(feel, "a").count("stroke-dasharray") + 1
    )


def test_the_evidence_is_shown_before_all_other_pictures() -> None:
    taken = [replace(example().pictures[0], t=float(at), evidence=at in (3, 31)) for at in range(40)]
    kept = chosen(taken)
    assert len(kept) == MOST and {3.0, 31.0} <= {each.t for each in kept}
