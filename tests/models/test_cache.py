"""Patients on disk: equal in every byte, rebuilt when damaged, never half-written."""

import os
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from models import cache
from models.cache import cached, read, write
from models.patient import Bone, Grid, Patient, Surface


def small() -> Patient:
    grid = Grid(np.arange(24, dtype=np.float32).reshape(2, 3, 4), np.array([0.5, -1.0, 2.0]), 0.5)
    faces = np.array([[0, 1, 2]], dtype=np.int32)
    media = np.zeros(8, dtype=np.float32)
    outer = Surface("outer", np.eye(3, dtype=np.float32), faces, media, media)
    inner = Surface("inner", np.eye(3, dtype=np.float32) / 2, faces, media, media)
    return Patient(
        name="small",
        provider="synthetic",
        bones={"L2": Bone("L2", np.eye(4), grid, grid, grid, outer, inner)},
        vertebrae={},
        skin=grid,
        skin_surface=outer,
        rib_necks={"T12": {"left": np.array([1.0, 2.0, 3.0])}},
        bone_volume_fraction=0.08,
        skin_mm=2.0,
        fat_mm=15.0,
        notes=("one", "two"),
    )


def assert_same(a, b) -> None:
    """Equal types, values and bytes, all the way down."""
    assert type(a) is type(b)
    if is_dataclass(a):
        for part in fields(a):
            assert_same(getattr(a, part.name), getattr(b, part.name))
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for name in a:
            assert_same(a[name], b[name])
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        assert a == b


def refused() -> Patient:
    raise AssertionError("built, though it was stored")


def test_a_patient_comes_back_equal_in_every_byte(tmp_path):
    write(tmp_path / "p.npz", small())
    assert_same(read(tmp_path / "p.npz"), small())


def test_the_second_time_nothing_is_built(tmp_path):
    cached({"seed": 1}, small, tmp_path)
    assert_same(cached({"seed": 1}, refused, tmp_path), small())


def test_another_key_is_another_patient(tmp_path):
    cached({"seed": 1}, small, tmp_path)
    with pytest.raises(AssertionError, match="built"):
        cached({"seed": 2}, refused, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "empty"])
def test_a_damaged_file_is_built_again(tmp_path, damage: str, caplog):
    cached({}, small, tmp_path)
    (path,) = tmp_path.glob("*.npz")
    whole = path.read_bytes()
    place = whole.index(np.arange(24, dtype=np.float32).tobytes()) + 5
    path.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "flipped": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
            "foreign": b"not a patient at all",
            "empty": b"",
        }[damage]
    )
    assert_same(cached({}, small, tmp_path), small())
    assert "damaged" in caplog.text
    assert_same(read(path), small())


def test_a_builder_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(AssertionError):
        cached({}, refused, tmp_path)
    assert not list(tmp_path.iterdir())


def test_writing_that_fails_leaves_nothing_and_the_patient_is_there(tmp_path, monkeypatch, caplog):
    def full(file, **arrays):
        file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    assert_same(cached({}, small, tmp_path), small())
    assert not list(tmp_path.iterdir())
    assert "not kept" in caplog.text


def test_the_patients_used_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    clock = iter(range(1, 100))
    real = os.utime
    for seed in range(3):
        cached({"seed": seed}, small, tmp_path)
        for path in tmp_path.glob("*.npz"):
            if path.stat().st_mtime > 1e6:
                real(path, (n := next(clock), n))
    assert len(list(tmp_path.glob("*.npz"))) == 2
    cached({"seed": 2}, refused, tmp_path)
