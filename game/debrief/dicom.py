"""A record as DICOM: key pictures as XA, the last of them as secondary capture, the dose as a structured report.

In: a Record. Out: files in a folder. Every picture says that it is simulated, in its pixels and in its tags; the patient has a
made-up name; UIDs follow from the record, so the same record gives the same objects. Positioner angles are DICOM's
(models/carm.positioner_angles; a prone patient with the detector above is at +-180).
Not here: the report's content (dose_report.py), the picture (game/fluoroscopy).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from game.debrief.content import Picture
from game.debrief.pictures import grey_of, read
from game.fluoroscopy.display import Grey
from game.records.record import Record
from models.carm import FIELD_MM, SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM, positioner_angles
from models.errors import InputError
from models.whole_file import written

NOTICE = "SIMULATED, NOT FOR DIAGNOSIS"
MAKER, MODEL = "Pedicle", "Pedicle trainer"
XA, CAPTURE, DOSE = "1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.88.67"


@dataclass(frozen=True)
class Study:
    """What all objects of one record share."""

    name: str  # of the record, part of every UID
    crc: str  # of its contents
    when: datetime
    scenario: str

    def uid(self, *what: object) -> str:
        """A UID that follows from the record and what it is for (PS3.5 B.2: a UUID as a number)."""
        return f"2.25.{uuid5(NAMESPACE_URL, ' '.join(map(str, (MODEL, self.name, self.crc, *what)))).int}"


def study(record: Record) -> Study:
    """The study that a record stands for. A record holds no date, so all are of one day that was long before."""
    import zlib

    when = datetime(2000, 1, 1, tzinfo=UTC)
    crc = f"{zlib.crc32(record.path.read_bytes()):08x}"
    return Study(record.path.stem, crc, when, str(record.header["scenario"].get("title", "")))


def export(record: Record, folder: Path) -> list[Path]:
    """Writes the objects of a record into `folder`, each whole or not at all; their paths. InputError where it cannot."""
    from game.debrief.dose_report import report

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: expected a folder for the DICOM files ({error.strerror or error})") from None
    about = study(record)
    pictures = read(record.images, record.measured, str(record.path))
    made: list[tuple[str, Any]] = []
    for number, frames in enumerate(runs(pictures), 1):
        made.append((f"xa-{number:02d}", angiography(about, frames, number)))
    if pictures:
        made.append(("held", capture(about, pictures[-1])))
    made.append(("dose", report(about, record.events)))
    return [_saved(folder / f"{record.path.stem}-{name}.dcm", dataset.save_as) for name, dataset in made]


def runs(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Pictures that follow each other at one pose and of one size: the frames of one object."""
    return [list(frames) for _, frames in groupby(pictures, key=lambda each: (each.pose, each.size))]


def _saved(path: Path, save: Callable[..., None]) -> Path:
    with written(path) as beside:
        save(beside, enforce_file_format=True)
    return path


def started(about: Study, kind: str, name: str, modality: str, series: int) -> Any:
    """A dataset with the modules that every object has: patient, study, series, equipment, SOP common."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(kind)
    meta.MediaStorageSOPInstanceUID = UID(about.uid(name))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName, made.PatientID = "Simulated^Patient", "SIMULATED"
    made.PatientBirthDate = made.PatientSex = made.ReferringPhysicianName = made.AccessionNumber = ""
    made.StudyInstanceUID, made.StudyID = about.uid("study"), "1"
    made.StudyDate = made.SeriesDate = made.ContentDate = about.when.strftime("%Y%m%d")
    made.StudyTime = made.SeriesTime = made.ContentTime = about.when.strftime("%H%M%S")
    made.StudyDescription = f"Simulated vertebroplasty: {about.scenario}"[:64]
    made.Modality, made.SeriesNumber, made.InstanceNumber = modality, series, 1
    made.SeriesInstanceUID = about.uid("series", series)
    made.Manufacturer, made.ManufacturerModelName = MAKER, MODEL
    made.DeviceSerialNumber, made.SoftwareVersions = "0", about.crc
    return made


def stamped(grey: Grey) -> Grey:
    """The picture with NOTICE in its lower edge."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(grey)
    font = ImageFont.load_default(image.width / 28)
    place = (image.width / 2, image.height - image.width / 28)
    ImageDraw.Draw(image).text(place, NOTICE, 255, font, "mm", stroke_width=2, stroke_fill=0)
    return np.asarray(image)


def _pixels(made: Any, frames: Sequence[Grey]) -> None:
    """Image pixel module of 8-bit grey."""
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = frames[0].shape
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.BurnedInAnnotation, made.LossyImageCompression = "YES", "00"
    made.ImageComments = made.DerivationDescription = NOTICE.lower()
    pixels = np.stack(frames).tobytes()
    made.PixelData = pixels + b"\0" * (len(pixels) % 2)


def angiography(about: Study, frames: Sequence[Picture], number: int) -> Any:
    """An X-ray angiographic image of one pose, multi-frame where there are several pictures."""
    first = frames[0]
    made = started(about, XA, f"xa {number}", "XA", number)
    made.ImageType = ["DERIVED", "PRIMARY", "SINGLE PLANE"]
    made.BodyPartExamined, made.PatientPosition, made.PatientOrientation = "SPINE", "HFP", ""
    made.PixelIntensityRelationship, made.RadiationSetting = "DISP", "SC"
    made.KVP, made.ExposureTime, made.XRayTubeCurrent = f"{first.kvp:g}", "", ""
    made.ExposureInuAs = round(first.mas * 1000.0)
    primary, secondary = positioner_angles(first.pose)
    made.PositionerMotion = "STATIC"
    made.PositionerPrimaryAngle, made.PositionerSecondaryAngle = f"{primary:.2f}", f"{secondary:.2f}"
    made.DistanceSourceToDetector, made.DistanceSourceToPatient = SOURCE_DETECTOR_MM, SOURCE_ISOCENTRE_MM
    made.EstimatedRadiographicMagnificationFactor = f"{SOURCE_DETECTOR_MM / SOURCE_ISOCENTRE_MM:.4f}"
    made.ImagerPixelSpacing = [f"{FIELD_MM / first.size:.5f}"] * 2
    made.FieldOfViewShape, made.FieldOfViewDimensions = "RECTANGLE", [round(FIELD_MM)] * 2
    made.SeriesDescription = f"{first.step}"[:64]
    _pixels(made, [stamped(grey_of(frame.png)) for frame in frames])
    if len(frames) > 1:
        made.NumberOfFrames, made.FrameIncrementPointer = len(frames), 0x00181065
        times = [frame.t for frame in frames]
        made.FrameTimeVector = [f"{1000.0 * (b - a):.0f}" for a, b in zip([times[0], *times], times, strict=False)]
    return made


def capture(about: Study, picture: Picture) -> Any:
    """The held image as the screen shows it."""
    made = started(about, CAPTURE, "held", "OT", 900)
    made.ImageType, made.ConversionType = ["DERIVED", "SECONDARY"], "WSD"
    made.BodyPartExamined = "SPINE"
    made.PatientOrientation, made.SeriesDescription = "", "Last image hold"
    _pixels(made, [stamped(grey_of(picture.png))])
    return made
