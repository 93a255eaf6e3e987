"""Errors that are somebody's input or machine, not our fault.

PedicleError                 one line for a person: what, where, what was expected, what to do
+-- InputError               wrong file, key, value or use          (exit code 2)
+-- MissingError             device, screen or library not there    (exit code 3)
"""


class PedicleError(Exception):
    """Base: str(error) is one line, ready to be shown."""

    exit_code = 70


class InputError(PedicleError):
    """Wrong use or input: names the file and key and what was expected."""

    exit_code = 2


class MissingError(PedicleError):
    """A device, screen or library that is not there: says what to install or connect."""

    exit_code = 3
