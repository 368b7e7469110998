"""The collector rests during an import, and comes back whatever happens."""

import gc

import pytest

from shared.adapters.collector import not_collecting


def test_it_rests_inside_the_block_and_works_after_it() -> None:
    with not_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_an_import_that_failed() -> None:
    with pytest.raises(ModuleNotFoundError), not_collecting():
        raise ModuleNotFoundError
    assert gc.isenabled()
