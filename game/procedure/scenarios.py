"""Scenarios: who lies there, what is asked. TOML under game/scenarios, or any file.

In: a name or a path. Out: a frozen `Scenario`. Every fault of a file is one line that names file, key and what was expected.
Levels and sides as in docs/conventions.md; the [patient] table is models/recipe.py's. Not here: building the patient.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import InputError
from models.patient import Side
from models.recipe import Fracture, LabelledRecipe, Level, Recipe, SyntheticRecipe

FOLDER = Path(__file__).parents[1] / "scenarios"

Family = Literal[
    "first-case",
    "kyphotic-superimposition",
    "vertebra-plana",
    "scoliosis",
    "steps-6-8",
    "short-pedicle",
    "medial-entry",
    "high-thoracic",
    "low-thoracic",
]


class _Start(BaseModel):
    """The needle that a colleague has set, on the first of the sides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    medial_mm: Annotated[float, Field(ge=-2.0, le=4.0)]
    """How much more medial than a correct step 3 it entered."""
    embedded_mm: Annotated[float, Field(ge=1.0, le=6.0)] = 3.0


class _File(BaseModel):
    """The text of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(min_length=1)]
    target: Level
    sides: Annotated[tuple[Literal["left", "right"], ...], Field(min_length=1, max_length=2)]
    difficulty: Annotated[int, Field(ge=1, le=5)] = 1
    brief: str = ""
    notes: tuple[str, ...] = ()
    family: Family | None = None
    start: _Start | None = None
    patient: Recipe


@dataclass(frozen=True)
class Start:
    """A needle that a colleague has set in the first of the sides, and that is to be taken over."""

    medial_mm: float  # more medial than a correct step 3
    embedded_mm: float


@dataclass(frozen=True)
class Scenario:
    """What is asked of an operator."""

    name: str
    title: str
    target: str
    sides: tuple[Side, ...]
    difficulty: int  # 1 (first patient) .. 5
    brief: str
    notes: tuple[str, ...]
    recipe: SyntheticRecipe | LabelledRecipe
    start: Start | None = None
    family: str = ""  # whose conditions it has to meet (validity.py); none: only the general ones


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the scenarios that come with the program."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def load(name: str | Path) -> Scenario:
    """A scenario by name; with a separator or ending in .toml, a file. Raises InputError, one line."""
    text = str(name)
    if isinstance(name, Path) or "/" in text or "\\" in text or text.endswith(".toml"):
        return _read(Path(text))
    if text not in names():
        raise InputError(
            f"scenario {text!r}: expected one of {', '.join(names())}, or a .toml file.{_guess(text, names())}"
        )
    return _read(FOLDER / f"{text}.toml")


def _read(path: Path) -> Scenario:
    shown = _shown(path)
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{shown}: cannot be read ({error.strerror or error}). Give a scenario's name or a .toml file"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{shown}: expected TOML as UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{shown}: not TOML: {_one_line(str(error))}") from None
    except ValueError as error:  # a path that no file system knows
        raise InputError(f"{shown}: cannot be read ({_one_line(str(error))})") from None
    try:
        read = _File.model_validate(plain)
    except ValidationError as error:
        faults = "; ".join(_fault(dict(fault), plain) for fault in error.errors(include_url=False))
        raise InputError(f"{shown}: {faults}") from None
    faults = "; ".join(_contradictions(read))
    if faults:
        raise InputError(f"{shown}: {faults}")
    return Scenario(
        name=path.stem,
        title=read.title,
        target=read.target,
        sides=read.sides,
        difficulty=read.difficulty,
        brief=read.brief,
        notes=read.notes,
        recipe=read.patient,
        start=None if read.start is None else Start(read.start.medial_mm, read.start.embedded_mm),
        family=read.family or "",
    )


def _contradictions(read: _File) -> Iterable[str]:
    """What fits each by itself but not together."""
    levels = read.patient.levels
    if levels and read.target not in levels:
        yield f'target = "{read.target}": expected one of patient.levels ({", ".join(levels)})'
    if len(set(read.sides)) != len(read.sides):
        yield f"sides = {list(read.sides)}: expected each side once"
    if isinstance(read.patient, SyntheticRecipe):
        for number, fracture in enumerate(read.patient.fractures):
            if fracture.level not in levels:
                where = f"patient.fractures[{number}].level"
                yield f'{where} = "{fracture.level}": expected one of patient.levels ({", ".join(levels)})'


def _fault(fault: Mapping[str, Any], plain: Mapping[str, Any]) -> str:
    """One fault of pydantic's as: key = value: expected ... Did you mean ...?"""
    place = [part for part in fault["loc"] if part not in ("synthetic", "labels") or not _tagged(fault["loc"])]
    key = (
        re.sub(r"\.\[", "[", ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in place)) or "file"
    )
    value, kind, context = fault.get("input"), fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{key}: unknown key.{_guess(str(place[-1]), _keys(place[:-1], plain))}"
    if kind == "missing":
        return f"{key}: missing, expected a value"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = value.get("provider") if isinstance(value, dict) else None
        given = f"{key}.provider = {_brief(tag)}: " if tag is not None else f"{key}.provider: missing, "
        return f'{given}expected "synthetic" or "labels".{_guess(str(tag), ("synthetic", "labels"))}'
    expected = _one_line(str(context.get("expected", "")))
    if expected:
        choices = re.findall(r"'([^']*)'", expected)
        quoted = expected.replace("'", '"')
        return f"{key} = {_brief(value)}: expected {quoted}.{_guess(str(value), choices)}"
    message = _one_line(str(fault["msg"]))
    if kind == "value_error":  # of keys that do not go together
        return f"{key}: expected {message.removeprefix('Value error, ')}"
    return f"{key} = {_brief(value)}: expected {message.removeprefix('Input should be ')}"


def _tagged(place: tuple[Any, ...]) -> bool:
    """Whether a fault lies within the [patient] table, where pydantic puts the provider's name into the path."""
    return bool(place) and place[0] == "patient"


def _keys(place: list[Any], plain: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the keys that the table at `place` may have."""
    if not place:
        return tuple(_File.model_fields)
    if place == ["start"]:
        return tuple(_Start.model_fields)
    if "fractures" in place:
        return tuple(Fracture.model_fields)
    patient = plain.get("patient")
    labelled = isinstance(patient, dict) and patient.get("provider") == "labels"
    return tuple((LabelledRecipe if labelled else SyntheticRecipe).model_fields)


def _guess(word: str, known: Iterable[str]) -> str:
    """' Did you mean "left"?' where something near is known, else ''."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f' Did you mean "{near[0]}"?' if near else ""


def _brief(value: object) -> str:
    """A value as TOML would show it, short."""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = _one_line(text)
    return text if len(text) <= 60 else text[:57] + "..."


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shown(path: Path) -> str:
    """A path as a message shows it: printable, on one line."""
    return "".join(c if c.isprintable() else "?" for c in str(path))
