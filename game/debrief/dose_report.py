"""The dose of a record as a DICOM radiation dose structured report (PS3.16 TID 10001, projection X-ray).

In: a Study, raw events. Out: a pydicom dataset. One irradiation event for each run of pulses from one pose with one setting.
Angles as DICOM's positioner's, table positions in mm from where the first pulse found it, kerma at 15 cm from the isocentre.
Not here: files (dicom.py), skin dose (models/dose.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from game.debrief.content import sane
from game.debrief.dicom import DOSE, MAKER, MODEL, NOTICE, Study, started
from game.debrief.pictures import pose_of
from game.simulation.events import Event
from game.simulation.exposure import PULSES_S, field_area_cm2, reference_kerma_mgy
from models.carm import SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, Pose, positioner_angles
from models.dose import REFERENCE_MM
from models.xray import Technique

Code = tuple[str, str, str]  # value, scheme, meaning


@dataclass(frozen=True)
class Run:
    """Pulses from one pose with one setting, a pulse's time apart."""

    t: float
    pose: Pose
    technique: Technique
    pulses: int

    @property
    def kerma_gy(self) -> float:
        """At the reference point."""
        return self.pulses * reference_kerma_mgy(self.technique) / 1000.0

    @property
    def area_gym2(self) -> float:
        """Kerma times area [Gy m2]."""
        return self.kerma_gy * field_area_cm2() / 1.0e4


def runs(events: Iterable[Event]) -> list[Run]:
    """The irradiation events of an attempt."""
    found: list[Run] = []
    last = -1.0e9
    for event in events:
        if event.kind != "exposed":
            continue
        pose, values = pose_of(event.values["pose"]), event.values
        technique = Technique(sane(values["kvp"]), sane(values["mas"]))
        before = found[-1] if found else None
        if (
            before is not None
            and not values["single"]
            and event.t - last < 1.5 / PULSES_S
            and (before.pose, before.technique) == (pose, technique)
        ):
            found[-1] = Run(before.t, pose, technique, before.pulses + 1)
        else:
            found.append(Run(event.t, pose, technique, 1))
        last = event.t
    return found


# ---- content items


def _code(code: Code) -> Any:
    from pydicom.dataset import Dataset

    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = code
    return made


def _item(relation: str, kind: str, name: Code, **values: Any) -> Any:
    from pydicom.dataset import Dataset

    made = Dataset()
    made.RelationshipType, made.ValueType, made.ConceptNameCodeSequence = relation, kind, [_code(name)]
    for key, value in values.items():
        setattr(made, key, value)
    return made


def _dcm(value: str, meaning: str) -> Code:
    return value, "DCM", meaning


def coded(name: Code, value: Code, relation: str = "CONTAINS", content: Sequence[Any] = ()) -> Any:
    """A CODE item."""
    made = _item(relation, "CODE", name, ConceptCodeSequence=[_code(value)])
    if content:
        made.ContentSequence = list(content)
    return made


def number(name: Code, value: float, unit: str) -> Any:
    """A NUM item; units by UCUM."""
    from pydicom.dataset import Dataset

    measured = Dataset()
    measured.MeasurementUnitsCodeSequence = [_code((unit, "UCUM", unit))]
    measured.NumericValue = f"{value:.8g}"
    return _item("CONTAINS", "NUM", name, MeasuredValueSequence=[measured])


def container(name: Code, content: Sequence[Any]) -> Any:
    """A CONTAINER item."""
    return _item("CONTAINS", "CONTAINER", name, ContinuityOfContent="SEPARATE", ContentSequence=list(content))


def report(about: Study, events: Sequence[Event]) -> Any:
    """The structured report of an attempt."""
    from pydicom.dataset import Dataset

    made = started(about, DOSE, "dose", "SR", 990)
    made.SeriesDescription = f"Dose report, {NOTICE.lower()}"
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    made.ReferencedPerformedProcedureStepSequence = made.PerformedProcedureCodeSequence = []
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence = [_code(_dcm("113701", "X-Ray Radiation Dose Report"))]
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "10001"
    made.ContentTemplateSequence = [template]
    found = runs(events)
    first = found[0].pose if found else Pose()
    made.ContentSequence = [
        *_context(about),
        _accumulated(found),
        *(_event(about, at, run, first) for at, run in enumerate(found, 1)),
        coded(_dcm("113854", "Source of Dose Information"), _dcm("113856", "Automated Data Collection")),
    ]
    return made


def _context(about: Study) -> Iterator[Any]:
    """What is reported, by whom, over what."""
    intent = coded(
        ("363703001", "SCT", "Has Intent"), ("262202000", "SCT", "Therapeutic procedure intent"), "HAS CONCEPT MOD"
    )
    yield coded(_dcm("121058", "Procedure reported"), _dcm("113704", "Projection X-Ray"), "HAS CONCEPT MOD", [intent])
    yield coded(_dcm("121005", "Observer Type"), _dcm("121007", "Device"), "HAS OBS CONTEXT")
    yield _item("HAS OBS CONTEXT", "UIDREF", _dcm("121012", "Device Observer UID"), UID=about.uid("device"))
    for code, meaning, text in (
        ("121013", "Device Observer Name", MODEL),
        ("121014", "Device Observer Manufacturer", MAKER),
        ("121015", "Device Observer Model Name", MODEL),
    ):
        yield _item("HAS OBS CONTEXT", "TEXT", _dcm(code, meaning), TextValue=text)
    uid = _item("HAS PROPERTIES", "UIDREF", _dcm("110180", "Study Instance UID"), UID=about.uid("study"))
    yield coded(_dcm("113705", "Scope of Accumulation"), _dcm("113014", "Study"), "HAS OBS CONTEXT", [uid])
    yield _item("CONTAINS", "TEXT", _dcm("121106", "Comment"), TextValue=NOTICE.lower())


def _plane() -> Any:
    return coded(_dcm("113764", "Acquisition Plane"), _dcm("113622", "Single Plane"), "HAS CONCEPT MOD")


def _reference() -> Any:
    return coded(_dcm("113780", "Reference Point Definition"), _dcm("113860", "15cm from Isocenter toward Source"))


def _accumulated(found: Sequence[Run]) -> Any:
    """TID 10002 and 10004: totals, all of it fluoroscopy."""
    kerma, area = sum(run.kerma_gy for run in found), sum(run.area_gym2 for run in found)
    pulses = sum(run.pulses for run in found)
    return container(
        _dcm("113702", "Accumulated X-Ray Dose Data"),
        [
            _plane(),
            number(_dcm("113722", "Dose Area Product Total"), area, "Gy.m2"),
            number(_dcm("113725", "Dose (RP) Total"), kerma, "Gy"),
            number(_dcm("113726", "Fluoro Dose Area Product Total"), area, "Gy.m2"),
            number(_dcm("113728", "Fluoro Dose (RP) Total"), kerma, "Gy"),
            number(_dcm("113730", "Total Fluoro Time"), pulses / PULSES_S, "s"),
            number(_dcm("113727", "Acquisition Dose Area Product Total"), 0.0, "Gy.m2"),
            number(_dcm("113729", "Acquisition Dose (RP) Total"), 0.0, "Gy"),
            number(_dcm("113855", "Total Acquisition Time"), 0.0, "s"),
            number(_dcm("113731", "Total Number of Radiographic Frames"), pulses, "1"),
            _reference(),
        ],
    )


def _event(about: Study, at: int, run: Run, first: Pose) -> Any:
    """TID 10003 of one run."""
    primary, secondary = positioner_angles(run.pose)
    moved = np.subtract(first.isocentre, run.pose.isocentre)  # the table goes where the isocentre leaves
    when = (about.when + timedelta(seconds=run.t)).strftime("%Y%m%d%H%M%S.%f")
    prone = coded(_dcm("113744", "Patient Orientation Modifier"), ("1240000", "SCT", "prone"), "HAS CONCEPT MOD")
    return container(
        _dcm("113706", "Irradiation Event X-Ray Data"),
        [
            _plane(),
            _item("CONTAINS", "UIDREF", _dcm("113769", "Irradiation Event UID"), UID=about.uid("event", at)),
            _item("CONTAINS", "DATETIME", _dcm("111526", "DateTime Started"), DateTime=when),
            coded(_dcm("113721", "Irradiation Event Type"), ("44491008", "SCT", "Fluoroscopy")),
            _item("CONTAINS", "TEXT", _dcm("125203", "Acquisition Protocol"), TextValue="Spine, simulated"),
            coded(("363698007", "SCT", "Finding Site"), ("421060004", "SCT", "Vertebral column")),
            coded(_dcm("113745", "Patient Table Relationship"), ("102540001", "SCT", "headfirst")),
            coded(_dcm("113743", "Patient Orientation"), ("102538003", "SCT", "recumbent"), "CONTAINS", [prone]),
            number(_dcm("122130", "Dose Area Product"), run.area_gym2, "Gy.m2"),
            number(_dcm("113738", "Dose (RP)"), run.kerma_gy, "Gy"),
            _reference(),
            number(_dcm("112011", "Positioner Primary Angle"), primary, "deg"),
            number(_dcm("112012", "Positioner Secondary Angle"), secondary, "deg"),
            number(_dcm("113790", "Collimated Field Area"), field_area_cm2(SOURCE_DETECTOR_MM) / 1.0e4, "m2"),
            *_filters(),
            coded(_dcm("113732", "Fluoro Mode"), _dcm("113631", "Pulsed")),
            number(_dcm("113791", "Pulse Rate"), PULSES_S, "{pulse}/s"),
            number(_dcm("113768", "Number of Pulses"), run.pulses, "1"),
            number(_dcm("113733", "KVP"), run.technique.kvp, "kV"),
            number(_dcm("113736", "Exposure"), 1000.0 * run.technique.mas * run.pulses, "uA.s"),
            number(_dcm("113742", "Irradiation Duration"), run.pulses / PULSES_S, "s"),
            number(_dcm("113750", "Distance Source to Detector"), SOURCE_DETECTOR_MM, "mm"),
            number(_dcm("113748", "Distance Source to Isocenter"), SOURCE_ISOCENTRE_MM, "mm"),
            number(_dcm("113737", "Distance Source to Reference Point"), REFERENCE_MM, "mm"),
            number(_dcm("113751", "Table Longitudinal Position"), float(moved[2]), "mm"),
            number(_dcm("113752", "Table Lateral Position"), float(moved[0]), "mm"),
            number(_dcm("113753", "Table Height Position"), float(moved[1]), "mm"),
        ],
    )


def _filters() -> Iterator[Any]:
    """Added filtration: 0.1 mm of copper (the 3 mm of aluminium are the tube's own)."""
    yield container(
        _dcm("113771", "X-Ray Filters"),
        [
            coded(_dcm("113772", "X-Ray Filter Type"), _dcm("113653", "Flat filter")),
            coded(_dcm("113757", "X-Ray Filter Material"), ("66925006", "SCT", "Copper or Copper compound")),
            number(_dcm("113758", "X-Ray Filter Thickness Minimum"), 0.1, "mm"),
            number(_dcm("113773", "X-Ray Filter Thickness Maximum"), 0.1, "mm"),
        ],
    )
