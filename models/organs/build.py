"""All soft anatomy of a patient, for any provider: everything derives from landmarks, bones, skin and the size of the cage.

In: a Patient without regions. Out: its regions, those that lie within others first. The same patient gives the same bytes.
"""

from models.organs.anatomy import Anatomy
from models.organs.belly import gas, kidneys
from models.organs.canal import cord, sac
from models.organs.chest import lungs
from models.organs.roots import roots
from models.organs.spinal_veins import spinal_veins
from models.organs.vessels import arteries, veins
from models.patient import Patient, Region

NOTE = "nerves, vessels, lungs, kidneys and gas: from the model, placed by landmarks, not from this person"


def organs(patient: Patient, cage: tuple[float, float], seed: int) -> dict[str, Region]:
    """Regions of a patient whose rib cage is so wide and deep [mm]."""
    anatomy = Anatomy(patient, *cage, seed)
    found = cord(anatomy) | sac(anatomy) | roots(anatomy)
    found |= arteries(anatomy) | veins(anatomy) | spinal_veins(anatomy)
    return found | lungs(anatomy, found) | kidneys(anatomy) | gas(anatomy)
