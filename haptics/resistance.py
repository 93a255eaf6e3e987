"""What tissue does to a 13 G bevel trocar: one law a function, all pure.

In: shares of the bevel's face in each tissue, thickness, density, depths. Out: force [N] along the axis, stiffness, limits.
mm, N, MPa = N/mm2. Shares are fractions of the face's area, 0 to 1. Geometry look-ups are in haptics/surroundings.py,
motion in haptics/tick.py.
Not here: granular noise of single trabeculae, rate effects at the hand's speed (only the mallet's), torque of turning in
bone, curvature by the bevel (the shaft is straight in bone), fatigue or fracture of the pedicle.
"""

import math

from models.compiled import compiled
from models.instruments import TROCAR
from models.tissue import Tissue

LUNG, GAS, VEIN, ARTERY, ROOT = (int(t) for t in (Tissue.LUNG, Tissue.GAS, Tissue.VEIN, Tissue.ARTERY, Tissue.ROOT))
RADIUS_MM = TROCAR.outer_mm / 2
BEVEL_MM = TROCAR.bevel_mm
LENGTH_MM = TROCAR.length_mm
SECTION_MM2 = math.pi * RADIUS_MM**2
"""4.56 mm2: full section of a 13 G, 2.41 mm (gauge table, FIGURES c)."""
OPEN_SHARE = 1.0 - (TROCAR.inner_mm / TROCAR.outer_mm) ** 2
"""0.44: what is left of the section when the stylet is out (the cannula cuts a core)."""

SPREAD = 0.4
"""Share of the face at which a membrane has given 63 % of its full force; assumed: cracks run ahead of the edge."""

SKIN_N = 20.0  # assumed, range 8-30: no published 13 G figure (FIGURES c)
FASCIA_N = 11.0
"""Assumed, range 6-15: 18 G Tuohy in supraspinous ligament 7.55 +- 3.63 N (JMBBM 2020;110:103946), wider needle, thinner layer."""
FAT_N = 0.6  # assumed, range 0.2-1.5
MUSCLE_N = 1.2  # assumed, range 0.5-3
VESSEL_N = 2.0  # assumed, range 0.5-4: the wall of a great vessel gives with a small pop
VESSEL_WALL_MM = 1.0  # assumed: how deep the face lies in a vessel when its wall has given
AIRY_SHARE = 0.1  # assumed: lung and bowel gas, of what muscle sets against the tip
FLUID_SHARE = 0.3  # assumed: blood, and nerve outside the canal, of the same
SOFT_FRICTION_N_MM = 0.03  # assumed, range 0.01-0.1: 21 % of soft tissue force is friction (Barnett 2015)

CORTEX_N = 140.0
"""Whole face in cortex. Calibrated: a wall of 0.65 mm met squarely from outside peaks at about 90 N (CORS 2013-220)."""
PUNCH_MPA = 55.0
"""Shear strength of the shell punched out from inside by crushed bone; 50-70 MPa (FIGURES c, derived)."""
PLUG_N = 125.0
"""The most that the crushed bone before the tip passes on. Calibrated: breach 135-155 N (CORS 2013-220)."""
PLUG_REACH_MM = 3.0  # assumed, range 2-4: the crushed bone before the tip feels the wall from here on

TISSUE_DENSITY = 1.9  # g/cm3, wet bone tissue; recalled, range 1.8-2.0
MODULUS_MPA = 4730.0
EXPONENT = 1.56
"""Vertebra: E = 4730 rho^1.56 MPa, rho in g/cm3 (Morgan 2003 J Biomech 36:897; coefficient recalled)."""
YIELD_STRAIN = 0.0084
"""Vertebral cancellous bone in compression, nearly free of density (Morgan and Keaveny; recalled, FIGURES c)."""
BONE_FRICTION_N_MM = 0.2  # assumed, range 0.1-0.6, at BV/TV 0.08
FRICTION_AT = 0.08  # BV/TV for which the friction is stated
WITHDRAWAL = 1.2  # assumed, range 0.8-1.5: friction when pulled back against friction when driven in

SCREW_SHARE = 0.5  # assumed, range 0.4-0.7: axial force by hand screwing against pushing
PITCH_MM = 1.5  # assumed, range 1-2: advance of a bevel per turn of hand screwing
TURNS_S = 2.0  # assumed: turns a second at which a hand screws at ease ...
TURNS_MOST_S = 6.0  # ... and at most; assumed
IMPACT = 1.45
"""Mallet against push: strength ~ strain rate^0.06 (Carter and Hayes, recalled), 1000 mm/s against 2 mm/s."""

GRIP_N_MM = 60.0  # assumed, range 30-100: hand and trocar along the axis
GRIP_ACROSS_N_MM = 3.0  # assumed, range 1-6: the same across it, at the tip, before it is held
TRACT_N_MM = 0.4  # assumed, range 0.1-1: skin and muscle against a shaft moved sideways
STEEL_MPA = 193_000.0  # modulus of 304 steel, handbook value
FREE_SHAFT_MM = 100.0  # assumed: bone to hub when embedded
SLIP_PUSH = 0.35  # assumed, range 0.2-0.5: friction of the point on periosteum, pushed ...
SLIP_SCREW = 0.8  # ... and screwed, range 0.6-1.0: the edge catches
PLOUGH_N_MM = 30.0  # assumed, range 10-60: hold for each mm that the point is in
BITE_MM = 0.5  # assumed, range 0.5-1 (issue 3): from here bone holds the trocar

VISCOUS_BONE = 0.3  # N s/mm, assumed: bounds the plunge when bone gives (60 N left over: 200 mm/s at the first)
VISCOUS_SOFT = 0.02  # N s/mm, assumed
FORCE_MOST_N = 400.0  # true force, before any device's limit
LATERAL_MOST_N = 60.0  # assumed


@compiled
def engaged(share: float) -> float:
    """0..1: how much of a membrane's force is there when `share` of the face is in it: (1 - e^(-share/c)) / (1 - e^(-1/c))."""
    return (1.0 - math.exp(-share / SPREAD)) / (1.0 - math.exp(-1.0 / SPREAD))


@compiled
def soft(skin: float, fat: float, fascia: float, muscle: float) -> float:
    """N at the tip from the shares of the face in soft tissue. Skin and fascia are membranes: they give as the bevel passes."""
    return SKIN_N * engaged(skin) + FAT_N * fat + FASCIA_N * engaged(fascia) + MUSCLE_N * muscle


@compiled
def organ_share(tissue: int) -> float:
    """How much of muscle's force a region sets against the tip, by its Tissue; 1 for what is like muscle (kidney, any other)."""
    if tissue in (LUNG, GAS):
        return AIRY_SHARE
    return FLUID_SHARE if tissue in (VEIN, ARTERY, ROOT) else 1.0


@compiled
def vessel_wall(depth: float) -> float:
    """N of a vessel's wall with the point so deep in it [mm]: rises and falls without a jump within VESSEL_WALL_MM of it, on the
    way in and on the way out.
    """
    share = depth / VESSEL_WALL_MM
    return VESSEL_N * 4.0 * share * (1.0 - share) if 0.0 < share < 1.0 else 0.0


@compiled
def cortex(share: float) -> float:
    """N at the tip with `share` of the face in cortex: rises while the bevel enters, saturates, falls as it leaves.

    Thickness comes in by the share: a wall t met squarely takes about (4/pi) t / bevel length of the face.
    """
    return CORTEX_N * engaged(share)


@compiled
def cancellous_strength(bone_volume_fraction: float) -> float:
    """MPa: yield strain x modulus = 0.0084 x 4730 (1.9 BV/TV)^1.56. Holds for BV/TV 0.03-0.3; source with the constants."""
    return YIELD_STRAIN * MODULUS_MPA * math.pow(TISSUE_DENSITY * bone_volume_fraction, EXPONENT)


@compiled
def cancellous(share: float, bone_volume_fraction: float) -> float:
    """N at the tip: strength x section x share of the face. 5-14 N for osteoporotic bone (FIGURES c, derived)."""
    return share * SECTION_MM2 * cancellous_strength(bone_volume_fraction)


@compiled
def plug(gap: float, wall: float) -> float:
    """N added by bone crushed between the tip and a wall `gap` mm ahead: (1 - gap/3)^2 x what the wall can stand.

    A wall pressed on by a plug is punched out bluntly: shear strength x girth x wall (FIGURES c), never more than PLUG_N.
    The rise with gap is assumed.
    """
    if gap >= PLUG_REACH_MM:
        return 0.0
    near = 1.0 - max(gap, 0.0) / PLUG_REACH_MM
    return near * near * min(PUNCH_MPA * 2.0 * math.pi * RADIUS_MM * wall, PLUG_N)


@compiled
def in_series(a: float, b: float) -> float:
    """(a^3 + b^3)^(1/3): a plug and the wall it presses on carry the same force, so about the larger of the two."""
    return math.pow(a * a * a + b * b * b, 1.0 / 3.0)


@compiled
def shaft_friction(bone_mm: float, soft_mm: float, bone_volume_fraction: float) -> float:
    """N along the shaft: per mm in bone (as cancellous strength) and per mm in soft tissue."""
    grip = cancellous_strength(bone_volume_fraction) / cancellous_strength(FRICTION_AT)
    return BONE_FRICTION_N_MM * grip * bone_mm + SOFT_FRICTION_N_MM * soft_mm


@compiled
def screw_limit(feed_mm_s: float) -> float:
    """mm/s: a screwing hand advances a pitch per turn: at its ease, or a turn a second more than it feeds, within its power."""
    return min(max(PITCH_MM * TURNS_S, feed_mm_s + PITCH_MM), PITCH_MM * TURNS_MOST_S)


@compiled
def lever_stiffness() -> float:
    """N/mm at the hub across the axis once bone holds the tip: cantilever 3 E I / L^3, I = pi d^4 / 64 (Euler-Bernoulli)."""
    return 3.0 * STEEL_MPA * math.pi * (2.0 * RADIUS_MM) ** 4 / 64.0 / FREE_SHAFT_MM**3


@compiled
def foothold(pressed_n: float, depth_mm: float, screwing: bool) -> float:
    """N that the point holds against sliding on bone: Coulomb friction and the furrow it has made."""
    return (SLIP_SCREW if screwing else SLIP_PUSH) * pressed_n + PLOUGH_N_MM * depth_mm


@compiled
def advance(force: float, resistance: float, viscous: float, seconds: float) -> float:
    """mm moved in a step by a force above a resistance, through the grip's spring: implicit, so it cannot overshoot.

    v = (F - K v dt - R) / c, so v dt = dt (F - R) / (c + K dt); 0 where F <= R.
    """
    if force <= resistance:
        return 0.0
    return seconds * (force - resistance) / (viscous + GRIP_N_MM * seconds)
