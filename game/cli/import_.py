"""`import`: a labelled scan, with its CT where there is one, becomes a scenario and a report. Nothing that names a person is kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from game.cli import out, say

if TYPE_CHECKING:
    from models.ct import Ct
    from models.importing import Survey
    from models.nifti import LabelMap


def import_(
    *,
    labels: Annotated[Path, typer.Option(help="Vertebra labels: NIfTI, a DICOM SEG, or a folder of DICOM slices.")],
    file: Annotated[Path, typer.Option("--out", help="The scenario (.toml) to write; the report goes beside it.")],
    numbering: Annotated[
        str | None,
        typer.Option(help="verse, totalsegmentator-v1 or -v2; recognised where only one fits."),
    ] = None,
    ct: Annotated[
        Path | None, typer.Option(help="The CT of the labels, in Hounsfield units: NIfTI or a folder.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Level to treat; the most compressed when not given.")] = None,
) -> None:
    """Import a real spine: a scenario file, its labels without identifiers in the data folder, and a report to check."""
    from game.debrief.importing import Decision, page, scenario_toml
    from models.errors import InputError
    from models.importing import (
        bones_of,
        density_of,
        kept_labels,
        levels_round,
        outline_of,
        survey,
        target_of,
        walls_of,
    )
    from models.numberings import NUMBERINGS
    from models.whole_file import written

    if file.suffix != ".toml":
        raise InputError(f"--out {file}: expected a file ending in .toml")
    if numbering is not None and numbering not in NUMBERINGS:
        raise InputError(f"--numbering {numbering}: expected one of {', '.join(NUMBERINGS)}")
    found_labels, numbering, how, scan = _read(labels, numbering, ct)
    say("finding landmarks")
    found = survey(found_labels, numbering, scan)
    level = target_of(found, target, str(labels))
    levels = levels_round(found, level)
    density, densities = density_of(found, levels)
    name, content = _stripped(found_labels, kept_labels(numbering), "labels")
    body = outline_of(scan, found_labels, numbering, levels) if scan is not None else None
    skin, skin_content = _stripped(body, {1}, "skin") if body is not None else ("", b"")
    bones = bones_of(found_labels, numbering, levels)
    chosen = Decision(name, level, levels, how, density, densities, skin, walls_of(found, levels), bones)
    text, report = scenario_toml(found, chosen), page(found_labels, found, chosen)
    kept = _keep(name, content)
    if skin:
        _keep(skin, skin_content)
    beside = file.with_suffix(".html")
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, whole in ((beside, report), (file, text)):
        with written(path) as part:
            part.write_text(whole, encoding="utf-8")
    result = {
        "scenario": file,
        "report": beside,
        "labels": kept,
        "skin": skin or None,
        "bones": list(bones),
        "numbering": numbering,
        "how": how,
        "target": level,
    }
    out(
        result | {"levels": _rows(found), "usable": list(found.usable)},
        f"{file}: {level} of {', '.join(levels)}; numbering {numbering}, {how}\n{beside}: look at it before use",
    )


def _read(labels: Path, numbering: str | None, ct: Path | None) -> "tuple[LabelMap, str, str, Ct | None]":
    """(labels, their numbering, how it is known, the CT on its own lattice or None)."""
    from models import ct as cts
    from models.importing import check_bone
    from models.nifti import read_labels
    from models.numberings import recognised

    say("reading")
    found = read_labels(labels, by_number=numbering is not None)
    if found.sparse and ct is not None:
        found = found.widened()
    known, how = recognised(found) if numbering is None else (numbering, "stated")
    if ct is None:
        return found, known, how, None
    scan = cts.read_ct(ct, found)
    check_bone(ct, scan, found, known)
    return found, known, how, scan


def _rows(found: "Survey") -> dict[str, dict[str, object]]:
    """What was found of each level, as JSON has it."""
    return {
        name: {
            "voxel_ml": level.voxel_ml,
            "solid_ml": level.solid_ml,
            "fault": level.fault,
            "hu": level.hu,
            "bone_volume_fraction": level.density,
        }
        for name, level in found.levels.items()
    }


def _stripped(labels: "LabelMap", wanted: set[int], kind: str) -> tuple[str, bytes]:
    """(name by content, gzipped NIfTI) of the wanted labels in their box with a margin, and their affine: nothing else of the
    source. A label at the scan's edge stays at the edge, so that it stays refused."""
    import gzip
    import hashlib

    import nibabel
    import numpy as np

    kept = np.where(np.isin(labels.labels, list(wanted)), labels.labels, 0).astype(np.uint8)
    at = np.argwhere(kept)
    low, high = np.maximum(at.min(axis=0) - 1, 0), np.minimum(at.max(axis=0) + 2, kept.shape)
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ labels.lps_from_index
    affine[:3, 3] += affine[:3, :3] @ low
    image = nibabel.Nifti1Image(kept[tuple(slice(i, j) for i, j in zip(low, high, strict=True))], affine)
    content = gzip.compress(image.to_bytes(), 6, mtime=0)
    return f"{kind}-{hashlib.sha256(image.to_bytes()).hexdigest()[:16]}.nii.gz", content


def _keep(name: str, content: bytes) -> Path:
    """Writes the labels into the user's data folder, where every scenario finds them."""
    from game.settings import user_data_folder
    from models.whole_file import written

    path = user_data_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with written(path) as part:
        part.write_bytes(content)
    return path
