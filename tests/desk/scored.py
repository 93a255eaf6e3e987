"""The score of a record, printed: `python -m tests.desk.scored FILE`. A process of its own, for stories that import nothing."""

import sys
from pathlib import Path

if __name__ == "__main__":
    from game.procedure.score import score
    from game.records.record import load

    print(score(load(Path(sys.argv[1])).measured).score)
