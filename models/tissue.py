"""Tissues (what a point is in), media (what an X-ray passes) and the basis channels that media are made of.

Tissue codes are what `models.field` answers for a point and what touch, cement and score read.
A medium is a row of eight channel weights: path in a medium [mm] times its row = path in each channel [mm].
Attenuation of the channels is in models/xray.py.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Tissue(IntEnum):
    """What a point of the patient lies in."""

    AIR = 0
    SKIN = 1
    FAT = 2
    FASCIA = 3
    MUSCLE = 4
    CORTEX = 5
    CANCELLOUS = 6
    CANAL = 7
    DISC = 8
    DURA = 9  # the dural sac: cerebrospinal fluid and, below the cord, the cauda equina
    CORD = 10
    ROOT = 11
    VEIN = 12
    ARTERY = 13
    LUNG = 14
    KIDNEY = 15
    GAS = 16


NERVES = (Tissue.DURA, Tissue.CORD, Tissue.ROOT)
BONE = (Tissue.CORTEX, Tissue.CANCELLOUS)


CHANNELS = ("soft", "cortical", "cancellous", "adipose", "steel", "cement", "lung", "reserve")
"""Basis channels, in the order of two RGBA targets."""

REFERENCE_BONE_VOLUME_FRACTION = 0.10
"""Bone volume fraction (BV/TV) of the 'cancellous' channel: marrow with 10 % bone."""


def medium(name: str, bone_volume_fraction: float = REFERENCE_BONE_VOLUME_FRACTION) -> NDArray[np.float32]:
    """(8,) channel weights of a medium: 'air', a channel's name, or 'cancellous' at any BV/TV.

    Cancellous bone of fraction f is marrow + f (bone - marrow), which is linear in f, so with the reference fraction r
    it is f / r of the reference channel and (1 - f / r) of soft tissue, exactly. Raises KeyError for an unknown name.
    """
    weights = np.zeros(len(CHANNELS), dtype=np.float32)
    if name == "air":
        return weights
    if name not in CHANNELS:
        raise KeyError(f"medium {name!r}: expected 'air' or one of {', '.join(CHANNELS)}")
    weights[CHANNELS.index(name)] = 1.0
    if name == "cancellous":
        share = bone_volume_fraction / REFERENCE_BONE_VOLUME_FRACTION
        weights[CHANNELS.index("cancellous")] = share
        weights[CHANNELS.index("soft")] = 1.0 - share
    return weights
