"""What stands within a segment, and retrieval that finds it there."""

from dataclasses import replace

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import StatusCode
from mt3_common.scene import OBJECT
from mt3_retrieval.divide import pieces
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.retrieval import Retriever
from mt3_retrieval.testing import Placed, make_demo, make_scene

TAUGHT = Placed('lblock', 0.5, 0.05, 0.4)
BOOK_TOP = 0.024
BOOK = Placed('box', 0.55, -0.05, 0.9, scale=(2.2, 2.6, 0.3))
ON_IT = Placed('lblock', 0.55, -0.05, 1.3, z=BOOK_TOP)


@pytest.fixture(scope='module')
def apart():
    return make_scene([BOOK, ON_IT, Placed('mug', 0.5, 0.25)], seed=3)


@pytest.fixture(scope='module')
def merged(apart):
    """Book and angle are object 1, the mug is 3."""
    labels = np.where(apart.labels == 2, 1, apart.labels)
    v, u = np.nonzero(labels == 1)
    roi = int(u.min()), int(v.min()), int(np.ptp(u)) + 1, int(np.ptp(v)) + 1
    book, angle, mug = apart.objects
    whole = replace(
        book,
        points=np.concatenate([book.points, angle.points]),
        colors=np.concatenate([book.colors, angle.colors]),
        roi=roi,
    )
    return replace(apart, labels=labels, objects=(whole, mug))


@pytest.fixture(scope='module')
def retriever(tmp_path_factory):
    library = DemoLibrary.open(tmp_path_factory.mktemp('angles') / 'library', embed=None)
    library.add_many([make_demo('pick up the angle', TAUGHT), make_demo('pick up the bottle', Placed('bottle'))])
    return Retriever(library, embed=None)


def test_what_stands_on_a_level_face_is_a_piece_at_its_height(apart, merged):
    found = [p for p in pieces(merged) if p.whole == 1]
    truth = apart.labels == 2
    best = max(found, key=lambda p: np.count_nonzero(p.mask & truth) / np.count_nonzero(p.mask | truth))
    assert np.count_nonzero(best.mask & truth) > 0.75 * np.count_nonzero(best.mask | truth)
    assert best.object.support_height_m == pytest.approx(BOOK_TOP, abs=0.004)
    cut = best.cut_from(merged)
    assert np.array_equal(cut.mask(best.object.id), best.mask)
    assert not (cut.mask(1) & best.mask).any()
    assert np.array_equal(cut.labels == 3, merged.labels == 3)


def test_ids_of_pieces_are_new(merged):
    ids = [p.object.id for p in pieces(merged)]
    assert len(set(ids)) == len(ids) and min(ids) > 3


def test_a_box_is_not_cut():
    assert pieces(make_scene([Placed('box')])) == []


def test_the_taught_object_is_found_within_a_segment(merged, apart, retriever):
    found = retriever.retrieve('pick up the angle', merged)
    assert found.status.ok, found.status
    assert found.object.id == 1 and found.candidates[0].object_id == 1
    T_live_demo = se3.from_yaw(ON_IT.yaw, (ON_IT.x, ON_IT.y, ON_IT.z)) @ se3.inverse(
        se3.from_yaw(TAUGHT.yaw, (TAUGHT.x, TAUGHT.y, 0.0))
    )
    away, angle = se3.pose_error(found.T_base_bottleneck, T_live_demo @ found.demo.T_base_bottleneck)
    assert away < 0.01 and np.degrees(angle) < 5.0
    target, truth = found.target_mask == OBJECT, apart.labels == 2
    assert np.count_nonzero(target & truth) > 0.8 * np.count_nonzero(target | truth)


def test_it_is_found_in_the_segment_that_was_named_and_in_no_other(merged, retriever):
    assert retriever.retrieve('pick up the angle', merged, object_id=1).status.ok
    other = retriever.retrieve('pick up the angle', merged, object_id=3)
    assert other.status.code in (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE)


def test_what_is_in_no_segment_is_refused(merged, retriever):
    found = retriever.retrieve('pick up the bottle', merged)
    assert found.status.code in (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE)
    assert {c.object_id for c in found.candidates} <= {1, 3}
