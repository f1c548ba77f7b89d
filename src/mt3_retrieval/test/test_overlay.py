"""The picture of the alignment is drawn for answers and for refusals."""

import dataclasses

import cv2
import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_retrieval.drawing import draw_gripper, draw_number, draw_points, fit_into, write_text
from mt3_retrieval.overlay import draw_overlay, overlay_png
from mt3_retrieval.retrieval import Retriever
from mt3_retrieval.testing import camera_pose, intrinsics


def test_overlay_of_an_answer_and_of_a_refusal(taught, live):
    retriever = Retriever(taught, embed=None)
    answer = retriever.retrieve('pick up the mug', live)
    picture = draw_overlay(answer, live)
    assert picture.shape == (588, 1280, 3)
    png = overlay_png(answer, live)
    assert np.array_equal(cv2.imdecode(np.frombuffer(png, np.uint8), 1)[..., ::-1], picture)
    refused = retriever.retrieve('iron the shirt', live)
    assert draw_overlay(refused, live).shape == picture.shape
    # colours of the laid-over points are where the live object is
    right = picture[74:554, 640:]
    plain = fit_into(live.rgb, 640, 480)
    changed = (np.abs(right.astype(int) - plain).sum(axis=2) > 60) & (cv2.resize(
        (live.labels == 1).astype(np.uint8), (640, 480), interpolation=cv2.INTER_NEAREST) > 0)  # fmt: skip
    assert changed.sum() > 0.5 * (live.labels == 1).sum()


def test_statuses_colour_the_line_and_long_texts_are_cut(taught, live):
    answer = Retriever(taught, embed=None).retrieve('pick up the mug', live)
    for code in (StatusCode.AMBIGUOUS, StatusCode.LOW_CONFIDENCE, StatusCode.OBJECT_NOT_FOUND):
        refused = dataclasses.replace(answer, status=Status(code, 'because ' * 60), task='word ' * 80)
        assert draw_overlay(refused, live).shape == (588, 1280, 3)


def test_objects_carry_their_ids_also_where_nothing_was_found(taught, live):
    """On each object stands its number: the picture changes there when the ids do, and nowhere else."""
    answer = Retriever(taught, embed=None).retrieve('iron the shirt', live)
    other = dataclasses.replace(
        live,
        labels=np.where(live.labels > 0, live.labels + 7, 0).astype(np.int32),
        objects=tuple(dataclasses.replace(o, id=o.id + 7) for o in live.objects),
    )
    differs = np.any(draw_overlay(answer, live) != draw_overlay(answer, other), axis=2)[74:554, 640:]
    near = [cv2.dilate(live.mask(item.id).astype(np.uint8), np.ones((31, 31))) > 0 for item in live.objects]
    assert all(differs[one].any() for one in near)
    assert not differs[~np.any(near, axis=0)].any()


def test_a_number_at_the_rim_stays_in_the_picture():
    for corner in ((0, 0), (479, 639), (0, 639), (479, 0)):
        picture, mask = np.zeros((480, 640, 3), np.uint8), np.zeros((480, 640), bool)
        draw_number(picture, mask, 3, (255, 255, 255))
        assert not picture.any()
        mask[corner] = True
        draw_number(picture, mask, 12, (255, 255, 255))
        assert (picture > 200).sum() > 60


def test_drawing_outside_the_picture_is_harmless():
    picture = np.zeros((480, 640, 3), np.uint8)
    behind = np.eye(4)
    behind[:3, 3] = (5.0, 0.0, 3.0)
    draw_gripper(picture, behind, 0.08, intrinsics(), camera_pose())
    far = draw_points(picture, np.array([[9.0, 9.0, 9.0], [0.5, 0.0, 0.0]]), (255, 0, 0), intrinsics(), camera_pose())
    assert (far[..., 0] > 0).sum() > 0
    assert write_text(picture, [((0, 0), 'x' * 500, 20, (1, 1, 1))]).shape == picture.shape
