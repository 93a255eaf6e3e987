"""The room's narrow screen: it says what the read-out says, and is drawn only when a word has changed."""

from game.fluoroscopy.board import Board, rows

READOUT = {
    "fluoroscopy_s": 65.4,
    "kerma_mgy": 12.34,
    "kap_gy_cm2": 1.5,
    "orbital": 95.0,
    "tilt": -3.0,
    "cement_s": None,
}


def test_dose_time_angles_and_cement_stand_on_it():
    assert dict(rows(READOUT)) == {
        "X-RAY": "1:05",
        "mGy": "12.3",
        "Gy·cm²": "1.50",
        "ORBITAL": "+95°",
        "TILT": "-3°",
        "CEMENT": "-",
    }
    assert dict(rows(READOUT | {"cement_s": 305.0}))["CEMENT"] == "5:05"


def test_it_is_drawn_when_a_word_has_changed_and_not_again(scope):
    board = Board(scope.studio)
    assert board.show(READOUT)
    scope.studio.engine.render_frame()
    before = board._face.read()
    assert before[..., 0].max() > 200
    assert not board.show(dict(READOUT, fluoroscopy_s=65.9))
    assert board.show(dict(READOUT, orbital=90.0))
    scope.studio.engine.render_frame()
    assert (board._face.read() != before).any()
    board.close()
