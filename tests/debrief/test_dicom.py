"""A record as DICOM: what other programs read of it, and that nothing in it passes for a patient's."""

import os
from pathlib import Path

import numpy as np
import pydicom
import pytest

from game.cli.app import main
from game.debrief import dose_report
from game.debrief.dicom import NOTICE, export, stamped
from game.records.record import load
from game.simulation.events import Event
from models.carm import Pose
from tests.debrief.test_report import write


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pydicom.FileDataset]:
    folder = tmp_path_factory.mktemp("dicom")
    assert main(["report", str(write(folder / "one.rec")), "--out", str(folder), "--dicom", str(folder / "d")]) == 0
    return {path.stem: pydicom.dcmread(path) for path in sorted((folder / "d").iterdir())}


def items(dataset: pydicom.Dataset, meaning: str) -> list[pydicom.Dataset]:
    """Every content item of this meaning, at any depth."""
    found = []
    for item in dataset.get("ContentSequence", []):
        if item.ConceptNameCodeSequence[0].CodeMeaning == meaning:
            found.append(item)
        found += items(item, meaning)
    return found


def value(item: pydicom.Dataset) -> float:
    return float(item.MeasuredValueSequence[0].NumericValue)


def test_each_pose_is_an_angiogram_the_last_picture_a_capture_and_the_dose_a_report(objects) -> None:
    assert {name: one.SOPClassUID.name for name, one in objects.items()} == {
        "one-dose": "X-Ray Radiation Dose SR Storage",
        "one-held": "Secondary Capture Image Storage",
        "one-xa-01": "X-Ray Angiographic Image Storage",
        "one-xa-02": "X-Ray Angiographic Image Storage",
    }
    assert len({one.StudyInstanceUID for one in objects.values()}) == 1
    assert len({one.SOPInstanceUID for one in objects.values()}) == 4


def test_positioner_angles_are_those_of_a_prone_patient(objects) -> None:
    """Tilted 5 degrees to the head: detector behind, so primary 180; from the left: primary 90."""
    ap, lateral = objects["one-xa-01"], objects["one-xa-02"]
    assert abs(float(ap.PositionerPrimaryAngle)) == pytest.approx(180.0) and ap.PositionerSecondaryAngle == 5.0
    assert lateral.PositionerPrimaryAngle == pytest.approx(90.0) and lateral.KVP == 99.0


def test_every_picture_says_that_it_is_simulated(objects) -> None:
    for name, one in objects.items():
        assert one.PatientName == "Simulated^Patient" and one.PatientID == "SIMULATED"
        if "PixelData" in one:
            assert one.ImageType[0] == "DERIVED" and one.BurnedInAnnotation == "YES", name
            assert NOTICE.lower() in one.ImageComments
            assert np.ptp(one.pixel_array[-6:]) > 100  # the words, on flat grey
    plain = np.full((64, 64), 100, dtype=np.uint8)
    assert (stamped(plain) != plain).any()


def test_the_report_adds_up_to_its_events(objects) -> None:
    report = objects["one-dose"]
    (total,), events = items(report, "Dose (RP) Total"), items(report, "Dose (RP)")
    assert value(total) == pytest.approx(sum(map(value, events)), rel=1e-6) and value(total) > 0.0
    assert len(items(report, "Irradiation Event X-Ray Data")) == len(events) == 1


def pulse(t: float, pose: Pose = Pose(), kvp: float = 80.0, single: bool = False) -> Event:  # noqa: B008  (frozen)
    place = {"orbital": pose.orbital, "tilt": 0.0, "swivel": 0.0, "isocentre": [0.0, 0.0, 0.0]}
    return Event(t, "exposed", None, {"pose": place, "pulse": 1, "kvp": kvp, "mas": 0.2, "single": single})


def test_a_run_ends_when_the_arm_the_setting_or_the_pedal_changes() -> None:
    run = [pulse(0.0), pulse(0.133), pulse(0.267)]
    assert [each.pulses for each in dose_report.runs(run)] == [3]
    assert [each.pulses for each in dose_report.runs([*run, pulse(0.4, Pose(orbital=2.0))])] == [3, 1]
    assert [each.pulses for each in dose_report.runs([*run, pulse(0.4, kvp=81.0)])] == [3, 1]
    assert [each.pulses for each in dose_report.runs([*run, pulse(2.0)])] == [3, 1]
    assert [each.pulses for each in dose_report.runs([pulse(0.0, single=True), pulse(0.1, single=True)])] == [1, 1]


def test_the_same_record_gives_the_same_objects(tmp_path: Path) -> None:
    record = load(write(tmp_path / "one.rec"))
    first = export(record, tmp_path / "a")
    os.utime(record.path, (0, 0))
    again = export(record, tmp_path / "b")
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in again]
