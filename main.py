"""The front door: makes .venv in the checkout on the first start, then hands over to game.cli.app inside it.

In: the command line. Out: the exit code of game.cli.app, or 3 with one line where set-up cannot go on.
Parses on Python 3.6, so that an old Python is told what is needed. Standard library only. Definitions only at the top
level: spawned children run it again. A set-up counts once its stamp is there, which is written last.
"""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
PYTHON = os.path.join(VENV, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


class SetUpError(Exception):
    """Set-up cannot go on: one line that says why and what to do."""


def say(text: str) -> None:
    """A progress line, on standard error."""
    print("pedicle: " + text, file=sys.stderr, flush=True)


def wanted(requirements: str) -> str:
    """What the stamp must say: this Python, this platform, and the locked file whole (quicker than its hash)."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    with open(os.path.join(HERE, requirements), encoding="utf-8") as locked:
        return "{} {} {}\n".format(sys.implementation.cache_tag, sys.platform, machine) + locked.read()


def is_set_up(requirements: str) -> bool:
    """Whether .venv holds exactly this locked file for this Python and platform, and can be started."""
    try:
        with open(os.path.join(VENV, requirements + ".stamp"), encoding="utf-8") as stamp:
            return stamp.read() == wanted(requirements) and os.path.exists(PYTHON)
    except (OSError, UnicodeDecodeError):
        return False


def took_lock(lock: int) -> bool:
    """Try to lock set-up by this open file. The lock falls when its last holder closes it or ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def run(command: "list[str]", lock: int) -> str:
    """Run one tool. Returns '' or the line that says why it failed. The tool holds the lock too: it may outlive us."""
    import subprocess

    alien = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_USER", "PIP_PREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in alien}
    environment.update(DEBIAN_FRONTEND="noninteractive", PIP_DISABLE_PIP_VERSION_CHECK="1")
    ends = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        tool = subprocess.Popen(command, env=environment, pass_fds=() if os.name == "nt" else (lock,), **ends)
    except OSError as error:
        return str(error)
    last, show = (
        "",
        lambda text: sys.stderr.isatty() and print(text[:78].ljust(78), end="\r", file=sys.stderr, flush=True),
    )
    try:
        for line in (raw.decode("utf-8", "replace").strip() for raw in tool.stdout):
            if line and ("error" in line.lower() or "error" not in last.lower()):
                last = line
            show(line)
        show("")
        return "" if tool.wait() == 0 else last or "{} ended with code {}".format(command[0], tool.returncode)
    finally:
        tool.stdout.close()
        if tool.poll() is None:
            tool.terminate()


def apt(packages: "list[str]", system: bool, lock: int) -> str:
    """Install Debian packages where that is allowed. Returns '' or what a person must run."""
    by_hand = "sudo apt-get install -y " + " ".join(packages)
    if not os.path.exists("/etc/debian_version"):
        return "your system's installer for what Debian calls " + " ".join(packages)
    if not system or os.geteuid() != 0:
        return by_hand
    say("installing with apt-get: " + " ".join(packages))
    apt_get = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    run(["dpkg", "--configure", "-a"], lock)  # mends what an interrupted apt-get left
    run([*apt_get, "update"], lock)
    why = run([*apt_get, "install", "--no-install-recommends", *packages], lock)
    return why and "{} (it failed here: {})".format(by_hand, why)


def ways(requirements: str) -> "list[tuple[str, list[str], list[str]]]":
    """(name, command that makes an empty .venv, command that installs the locked file), best first."""
    import shutil

    base = getattr(sys, "_base_executable", None) or sys.executable
    locked = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", os.path.join(HERE, requirements)]
    pip = [PYTHON, "-m", "pip", "install", "--no-input", "--progress-bar", "off", *locked]
    uv = shutil.which("uv")
    by_uv = [("uv", [uv, "venv", "--python", base, VENV], [uv, "pip", "install", "--python", PYTHON, *locked])]
    return (by_uv if uv else []) + [("venv and pip", [base, "-m", "venv", VENV], pip)]


def build(requirements: str, system: bool, lock: int) -> None:
    """The locked file into .venv, for the first one a new .venv; by the first way that works, with apt-get's venv last."""
    import shutil

    first = requirements == "requirements.txt"
    for attempt in (1, 2):
        for name, make, install in ways(requirements):
            say("installing {} into .venv with {} (once; some minutes)".format(requirements, name))
            if first and os.path.lexists(VENV):  # moved first: a half wiped .venv must not keep its stamp
                shutil.rmtree(VENV + ".old", ignore_errors=True)
                os.rename(VENV, VENV + ".old")
                shutil.rmtree(VENV + ".old", ignore_errors=True)
            no_venv = run(make, lock) if first else ""
            why = no_venv or run(install, lock)
            if not why:
                return
        if not no_venv:
            raise SetUpError("{} could not be installed; is there a network? ({})".format(requirements, why))
        by_hand = apt(["python{}.{}-venv".format(*sys.version_info[:2])], system and attempt == 1, lock)
        if by_hand:
            raise SetUpError("no virtual environment could be made; run this, then start again: " + by_hand)


def check_gl(system: bool, lock: int) -> None:
    """Pictures are drawn by OpenGL, without a screen by EGL. The rest works without: so a line, not an error."""
    import ctypes

    try:
        for name in ("libEGL.so.1", "libGL.so.1") if sys.platform.startswith("linux") else ():
            ctypes.CDLL(name)
    except OSError:
        by_hand = apt(["libegl1", "libgl1", "libgl1-mesa-dri"], system, lock)
        if by_hand:
            say("no OpenGL or EGL here, so no pictures yet; run: " + by_hand)


def ensure(requirements: str, system: bool = True) -> None:
    """.venv holds the locked file when this returns; SetUpError says why it cannot. Quiet where nothing is to do."""
    if is_set_up(requirements):
        return
    with open(os.path.join(HERE, ".setup.lock"), "a") as held:
        lock = held.fileno()
        if not took_lock(lock):
            say("another start is setting up; waiting for it")
            while not took_lock(lock):
                time.sleep(0.2)
        if is_set_up(requirements):  # by the start we waited for
            return
        build(requirements, system, lock)
        if requirements == "requirements.txt":
            check_gl(system, lock)
        with open(os.path.join(VENV, requirements + ".stamp"), "w", encoding="utf-8") as stamp:
            stamp.write(wanted(requirements))


def main(arguments: "list[str]") -> int:
    """Set up where needed, then the application in .venv's Python. Returns the exit code."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        say("Python 3.11 to 3.14 is needed; this is {} ({})".format(sys.version.split()[0], sys.executable))
        return 3
    try:
        was_ready = is_set_up("requirements.txt")
        ensure("requirements.txt", "--no-system" not in arguments)
    except (SetUpError, OSError) as error:
        say(" ".join(str(error).split()))
        return 3
    except KeyboardInterrupt:
        say("interrupted; the same command goes on")
        return 130
    arguments = [argument for argument in arguments if argument != "--no-system"]
    if was_ready and os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        from game.cli.app import main as application

        return application(arguments)
    command = [PYTHON, "-X", "utf8", os.path.join(HERE, "main.py"), *arguments]
    if os.name != "nt":
        os.execv(PYTHON, command)
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the child gets it too, and decides
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
