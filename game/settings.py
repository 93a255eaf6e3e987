"""A person's settings, and the folders where the program keeps and looks for things.

In: `settings.toml` in the user's configuration folder, PEDICLE_DATA. Out: Settings; folders; the path of a data file.
Not here: options of one run (game/cli), the log (game/log.py).

    log_level = "info"                  # debug, info, warning, error
    data = ["/home/ana/spines"]         # further folders of imported patients and label maps
    text_scale = 1.15                   # of the window's texts, 1 to 1.3
    pedal = "hold"                      # or "toggle": what the fluoroscopy key does
    [keys]
    shoot = "f"                         # action = key, as game/desk/actions.toml names them
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import platformdirs

from game.log import LEVELS
from models.errors import InputError
from models.whole_file import written

PEDALS = ("hold", "toggle")
LARGEST_TEXT = 1.3
"""What the pages are laid out and tested for (game/panels/theme.py)."""
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    log_level: str = "info"
    data: tuple[Path, ...] = ()
    text_scale: float = 1.0
    pedal: str = "hold"
    keys: Mapping[str, str] = field(default_factory=dict)


def settings_file() -> Path:
    return Path(platformdirs.user_config_dir("pedicle", appauthor=False)) / "settings.toml"


def cache_folder() -> Path:
    """What can be made again: distance grids, meshes, compiled laws. Made when it is not there."""
    return Path(platformdirs.user_cache_dir("pedicle", appauthor=False, ensure_exists=True))


def user_data_folder() -> Path:
    """What a person made and keeps: imported patients, records."""
    return Path(platformdirs.user_data_dir("pedicle", appauthor=False))


def load_settings(file: Path | None = None) -> Settings:
    """The settings of `file` (the person's own when None); defaults where there is none. InputError names file and key."""
    file = file or settings_file()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file}: cannot be read as TOML: {error}") from error
    readers: dict[str, Callable[[Any, str], Any]] = {
        "log_level": _level,
        "data": _folders,
        "text_scale": _scale,
        "pedal": _pedal,
        "keys": _keys,
    }
    for key in table.keys() - readers.keys():
        near = get_close_matches(key, readers, n=1)
        raise InputError(f"{file}: unknown key {key!r}: expected {' or '.join(readers)}." + _did_you_mean(near))
    return Settings(**{key: readers[key](value, f"{file}: {key}") for key, value in table.items()})


def keep_setting(key: str, value: Any, file: Path | None = None) -> None:
    """Writes one setting into the person's file, the rest and its comments as they are; InputError where it cannot be."""
    import tomlkit

    file = file or settings_file()
    load_settings(file)  # a file that cannot be read is not written over
    table = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    table[key] = value
    with written(file) as beside:
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(tomlkit.dumps(table), encoding="utf-8")


def data_folders() -> list[Path]:
    """Where real patients are looked for, first to last: --data and PEDICLE_DATA (the command line puts the first
    before the second), the settings' folders, the user's data folder, ../shared/ct beside the checkout."""
    named = [Path(part).expanduser() for part in os.environ.get("PEDICLE_DATA", "").split(os.pathsep) if part]
    return [*named, *load_settings().data, user_data_folder(), CHECKOUT.parent / "shared" / "ct"]


def find_data(name: str) -> Path:
    """The first file called `name` in the data folders. InputError says which file and where it was looked for."""
    folders = data_folders()
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(str(folder) for folder in folders)
    raise InputError(f"data file {name} is nowhere: looked in {looked}. Name its folder with --data or PEDICLE_DATA")


def _level(value: Any, where: str) -> str:
    if isinstance(value, str) and value in LEVELS:
        return value
    near = get_close_matches(str(value), LEVELS, n=1)
    raise InputError(f"{where} = {value!r}: expected {', '.join(LEVELS)}." + _did_you_mean(near))


def _folders(value: Any, where: str) -> tuple[Path, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(Path(item).expanduser() for item in value)
    raise InputError(f"{where} = {value!r}: expected a list of folders, as in data = ['/home/ana/spines']")


def _scale(value: Any, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 1.0 <= value <= LARGEST_TEXT:
        return float(value)
    raise InputError(f"{where} = {value!r}: expected a number from 1 to {LARGEST_TEXT:g}")


def _pedal(value: Any, where: str) -> str:
    if value in PEDALS:
        return str(value)
    raise InputError(f"{where} = {value!r}: expected {' or '.join(PEDALS)}.")


def _keys(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(key, str) and key for key in value.values()):
        return dict(value)
    raise InputError(f"{where} = {value!r}: expected a table of action = key, as in shoot = 'f'")


def _did_you_mean(near: list[str]) -> str:
    return f" Did you mean {near[0]!r}?" if near else ""
