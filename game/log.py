"""The log file: what went on, for us; what a person must know is said on standard error instead.

In: a level. Out: `pedicle.log` in the user's log folder, one megabyte and three older ones; nothing on the screen.
"""

import logging
import logging.handlers
from pathlib import Path

import platformdirs

LEVELS = ("debug", "info", "warning", "error")
_NAME = "pedicle's file"
_FORM = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Where the log is written."""
    return Path(platformdirs.user_log_dir("pedicle", appauthor=False)) / "pedicle.log"


def start(level: str = "info") -> None:
    """Log to the file from now on, at `level` and above. Without a folder to write in, log nothing."""
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.name == _NAME]:
        root.removeHandler(old)
        old.close()
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_file(), maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(_FORM))
    handler.set_name(_NAME)
    root.addHandler(handler)
    root.setLevel(level.upper())
