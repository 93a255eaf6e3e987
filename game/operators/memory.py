"""What an operator keeps in mind of one pose of the arm: where the bone stood in every picture taken from there.

In: the target's marks of each new picture, and the pose. Out: the same marks, each at the mean of what was made out so far;
a mark that metal hides now stands where it was seen before, as on a stored reference picture; one never made out stays hidden. Bone only: the needle moves.
"""

from dataclasses import replace
from itertools import count

from game.operators.eyes import Level, Mark
from game.operators.reading import each_mark

Pose = tuple[float, ...]


class Memory:
    """Marks by pose and by their order in a Level."""

    def __init__(self) -> None:
        self._seen: dict[Pose, list[list[Mark]]] = {}

    def forget(self) -> None:
        """The table has moved: no picture is of the same place any more."""
        self._seen.clear()

    def recall(self, pose: Pose, level: Level) -> Level:
        """`level` as this picture and all before it from the same pose show it."""
        kept = self._seen.setdefault(pose, [])
        order = count()

        def place(mark: Mark) -> Mark:
            number = next(order)
            if number == len(kept):
                kept.append([])
            kept[number].append(mark)
            made_out = [each for each in kept[number] if not each.hidden]
            return mean(made_out) if made_out else mark

        recalled: Level = each_mark(level, place)
        return recalled


def mean(marks: list[Mark]) -> Mark:
    """One mark at the middle of several."""
    columns, rows = zip(*(mark.pixel for mark in marks), strict=True)
    return replace(marks[-1], pixel=(sum(columns) / len(marks), sum(rows) / len(marks)))
