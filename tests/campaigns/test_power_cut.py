"""The power goes in the middle of a commit: the journal opens at the one before, verifies and folds."""

import pytest

from tests.campaigns.power_cut import cut, damage, write


def test_a_log_cut_at_any_frame_or_byte_opens_at_the_last_whole_commit(tmp_path):
    found = cut(write(tmp_path, 1), tmp_path / "cut", random_cuts=40, seed=7)
    assert found.failures == []
    assert found.cases > 40


def test_a_damaged_frame_takes_what_came_after_it_and_nothing_before(tmp_path):
    assert damage(write(tmp_path, 1), tmp_path / "cut", times=20, seed=8).failures == []


@pytest.mark.long
def test_a_long_log_cut_at_each_frame_and_at_a_thousand_bytes_opens_verifies_and_folds(tmp_path):
    written = write(tmp_path, 20)
    assert cut(written, tmp_path / "cut", random_cuts=1000, seed=9).failures == []
    assert damage(written, tmp_path / "cut", times=500, seed=10).failures == []
