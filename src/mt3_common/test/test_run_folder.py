from concurrent.futures import ThreadPoolExecutor

import pytest

from mt3_common.errors import MT3Error
from mt3_common.run_folder import new_run_folder


def test_latest_points_at_the_newest(tmp_path):
    first = new_run_folder(tmp_path / 'runs')
    second = new_run_folder(tmp_path / 'runs')
    assert first != second and first.is_dir()
    assert (tmp_path / 'runs' / 'latest').resolve() == second
    assert not (tmp_path / 'runs' / 'latest').readlink().is_absolute()


def test_many_at_once_get_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: new_run_folder(tmp_path, 'x'), range(16)))
    assert len(set(folders)) == 16 and (tmp_path / 'latest').resolve() in folders


def test_refuses_where_it_cannot_write(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(MT3Error, match='cannot make a run folder'):
        new_run_folder(tmp_path / 'file')
