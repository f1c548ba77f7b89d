"""The services over real DDS: each answer once."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces')

from rclpy.parameter import Parameter

from mt3_common import conversions
from mt3_common.errors import StatusCode
from mt3_common.scene import OBJECT
from mt3_common.testing import wait_until
from mt3_interfaces.msg import Scene as SceneMessage
from mt3_interfaces.srv import CaptureScene, ListDemos, RemoveDemo, RetrieveDemo, RetrieveMany, UpdateDemo
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.testing import Placed, make_demo, make_scene

EXAMPLE = Path(__file__).resolve().parents[3] / 'docs' / 'examples' / 'mt3_example'


@pytest.fixture(scope='module')
def demos():
    return [
        make_demo('pick up the mug', Placed('mug', 0.5, 0.0, 0.4), simulated=True, tags=('kitchen',)),
        make_demo('press the button', Placed('button', 0.5, 0.0, 0.2), simulated=True),
    ]


@pytest.fixture(scope='module')
def live():
    return make_scene([Placed('mug', 0.45, 0.12, 1.5), Placed('box', 0.55, -0.15, 0.3)], seed=5)


@pytest.fixture
def client(ros, tmp_path):
    """A retrieval node on a fresh library, and a function that calls it."""
    from mt3_retrieval.node import RetrievalNode

    parameters = {'library': str(tmp_path / 'library'), 'origin': 'simulated', 'alignment.min_confidence': 0.0}
    node = RetrievalNode(
        context=ros.context, parameter_overrides=[Parameter(k, value=x) for k, x in parameters.items()]
    )
    ros.add(node)
    asker = ros.node('asker')

    def call(service, name, **fields):
        return ros.call(asker, service, name, service.Request(**fields))

    call.ros = ros
    call.library = DemoLibrary.open(tmp_path / 'library')
    call.publisher = asker.create_publisher(SceneMessage, '/mt3/scene', 2)
    call.now_s = lambda: asker.get_clock().now().nanoseconds * 1e-9
    return call


def test_whole_life_of_a_library_over_ros(client, demos, live):
    scene = conversions.scene_to_msg(live)

    def retrieve(task, **fields):
        return client(RetrieveDemo, '/mt3/retrieve', task=task, use_given_scene=True, scene=scene, **fields)

    empty = retrieve('pick up the mug')
    assert empty.status.code == StatusCode.NO_DEMONSTRATION and 'empty' in empty.status.message
    assert client(ListDemos, '/mt3/list_demos').demonstrations == []

    client.library.add_many(demos)  # another process would do it so: nothing is told to the node
    answer = retrieve('please grab the cup')
    assert answer.status.code == StatusCode.OK, answer.status.message
    assert answer.demonstration.id == demos[0].id and answer.object_id == 1
    assert answer.bottleneck.header.frame_id == 'panda_link0'
    assert abs(answer.bottleneck.pose.position.x - 0.45) < 0.02
    assert abs(answer.bottleneck.pose.position.y - 0.12) < 0.02
    assert len(answer.alternative_bottlenecks) == len(answer.alignment.alternative_yaws)
    assert answer.candidates[0].object_id == 1 and answer.candidates[0].reason
    assert {t.name for t in answer.timings} >= {'language', 'align', 'total'}
    picture = cv2.imdecode(np.frombuffer(answer.overlay.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] == 1280
    mask = conversions.compressed_to_grey(answer.target_mask) == OBJECT
    assert np.count_nonzero(mask & (live.labels == 1)) > 0.9 * np.count_nonzero(mask | (live.labels == 1))

    assert retrieve('sing a song').status.code == StatusCode.NOT_UNDERSTOOD
    assert retrieve('open the window').status.code == StatusCode.NO_DEMONSTRATION
    assert retrieve('pick up the mug', tags=['office']).status.code == StatusCode.NO_DEMONSTRATION
    assert retrieve('pick up the mug', origin=RetrieveDemo.Request.ORIGIN_REAL).status.code == (
        StatusCode.NO_DEMONSTRATION
    )
    assert retrieve('pick up the mug', object_id=9).status.code == StatusCode.OBJECT_NOT_FOUND
    assert retrieve('', demonstration_id='nobody').status.code == StatusCode.NO_DEMONSTRATION
    assert retrieve('pick up the mug', origin=7).status.code == StatusCode.INVALID_INPUT
    forced = retrieve('', demonstration_id=demos[0].id, object_id=1)
    assert forced.status.code == StatusCode.OK and forced.object_id == 1

    listed = client(ListDemos, '/mt3/list_demos', filter="skill = 'press'").demonstrations
    assert [d.id for d in listed] == [demos[1].id]
    assert len(listed[0].interaction.poses) == 31
    assert client(ListDemos, '/mt3/list_demos', filter='nonsense ((').status.code == StatusCode.INVALID_INPUT
    changed = client(UpdateDemo, '/mt3/update_demo', id=demos[1].id, task='press the switch', set_tags=True, tags=['a'])
    assert changed.status.code == StatusCode.OK
    assert changed.demonstration.target_object == 'switch' and changed.demonstration.tags == ['a']
    assert client(RemoveDemo, '/mt3/remove_demo', id=demos[1].id).status.code == StatusCode.OK
    assert client(RemoveDemo, '/mt3/remove_demo', id=demos[1].id).status.code == StatusCode.NO_DEMONSTRATION
    assert len(client(ListDemos, '/mt3/list_demos').demonstrations) == 1


def test_published_scenes_are_used_and_old_ones_refused(client, demos, live):
    client.library.add(demos[0])
    missing = client(RetrieveDemo, '/mt3/retrieve', task='pick up the mug')
    assert missing.status.code == StatusCode.NO_DATA and '/mt3/scene' in missing.status.message
    wait_until(lambda: client.publisher.get_subscription_count() > 0)

    def after_publishing(age_s):
        client.publisher.publish(conversions.scene_to_msg(replace(live, stamp_s=client.now_s() - age_s)))
        return lambda: (
            (a := client(RetrieveDemo, '/mt3/retrieve', task='pick up the mug')).status.code
            not in (StatusCode.NO_DATA,)
            and a
        )

    answer = wait_until(after_publishing(60.0))
    assert answer.status.code == StatusCode.STALE_SCENE and 's old' in answer.status.message
    ask = after_publishing(-0.5)  # within the limit however busy this machine is
    answer = wait_until(lambda: (a := ask()) and a.status.code == StatusCode.OK and a)
    assert answer.scene.depth.data  # what it worked on comes back
    assert client(RetrieveDemo, '/mt3/retrieve', task='pick up the mug', use_given_scene=True).status.code == (
        StatusCode.NO_DATA
    )


def test_without_a_fresh_scene_perception_is_asked_for_one(client, demos, live):
    client.library.add(demos[0])
    taken = []

    def capture(request, response):
        taken.append(request)
        response.scene = conversions.scene_to_msg(live)
        return response

    client.ros.node('camera').create_service(CaptureScene, '/mt3/capture_scene', capture)
    answer = wait_until(
        lambda: (
            (a := client(RetrieveDemo, '/mt3/retrieve', task='pick up the mug')).status.code != StatusCode.NO_DATA and a
        ),
        20.0,
        'perception to be discovered',
    )
    assert answer.status.code == StatusCode.OK, answer.status.message
    assert len(taken) == 1 and answer.scene.depth.data
    assert {t.name for t in answer.timings} >= {'scene', 'conversion', 'total'}


def test_several_tasks_in_one_call(client, demos, live):
    client.library.add_many(demos)
    scene = conversions.scene_to_msg(live)

    def ask(**fields):
        return client(RetrieveMany, '/mt3/retrieve_many', use_given_scene=True, scene=scene, **fields)

    tasks = ['pick up the mug', 'sing a song', 'press the button']
    answer = ask(tasks=tasks, overlays=True, max_candidates=1)
    assert answer.status.code == StatusCode.OK and [r.task for r in answer.results] == tasks
    mug, song, button = answer.results
    assert mug.status.code == StatusCode.OK and mug.object_id == 1 and len(mug.candidates) == 1 and mug.overlay.data
    assert song.status.code == StatusCode.NOT_UNDERSTOOD
    assert button.status.code in (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE)
    single = client(RetrieveDemo, '/mt3/retrieve', task=tasks[0], use_given_scene=True, scene=scene)
    assert single.bottleneck.pose == mug.bottleneck.pose
    assert not ask(tasks=['pick up the mug']).results[0].overlay.data
    for wrong in ([], ['pick up the mug'] * 101):
        assert ask(tasks=wrong).status.code == StatusCode.INVALID_INPUT


def test_scenes_that_hold_nothing_are_refused(client, demos, live):
    client.library.add(demos[0])

    def ask(scene):
        return client(RetrieveDemo, '/mt3/retrieve', task='pick up the mug', use_given_scene=True, scene=scene).status

    assert ask(conversions.scene_to_msg(replace(live, objects=()))).code == StatusCode.OBJECT_NOT_FOUND
    without_depth = conversions.scene_to_msg(live)
    without_depth.depth.data = type(without_depth.depth.data)('B')
    assert ask(without_depth).code == StatusCode.NO_DATA
    gone = conversions.scene_to_msg(make_scene([Placed('plate', 0.5, 0.0)]))
    assert ask(gone).code == StatusCode.OBJECT_NOT_FOUND


def test_two_calls_at_once_are_both_answered(client, demos, live):
    client.library.add_many(demos)
    caller = client.ros.node('caller')
    service = caller.create_client(RetrieveDemo, '/mt3/retrieve')
    assert service.wait_for_service(20.0)
    scene = conversions.scene_to_msg(live)
    futures = [
        service.call_async(RetrieveDemo.Request(task=task, use_given_scene=True, scene=scene))
        for task in ('pick up the mug', 'sing a song', 'pick up the mug')
    ]
    wait_until(lambda: all(f.done() for f in futures), 30.0, 'three answers')
    assert [f.result().status.code for f in futures] == [StatusCode.OK, StatusCode.NOT_UNDERSTOOD, StatusCode.OK]
    assert futures[0].result().bottleneck.pose == futures[2].result().bottleneck.pose


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason='the checkout holds no docs')
def test_the_example_of_the_documentation_runs(client, demos, live, tmp_path):
    """As a process of its own, with nothing of ours on its path but the interfaces."""
    client.library.add(demos[0])

    def capture(_, response):
        response.scene = conversions.scene_to_msg(live)
        return response

    client.ros.node('camera').create_service(CaptureScene, '/mt3/capture_scene', capture)
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(EXAMPLE), os.environ.get('PYTHONPATH', '')])}

    def ask(*words):
        command = [sys.executable, '-m', 'mt3_example.ask_node', *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    done = wait_until(lambda: (d := ask('grab', 'the', 'cup')).returncode == 0 and d, 90.0, 'an answer')
    assert 'bottleneck at (0.4' in done.stdout and 'in panda_link0' in done.stdout
    assert f'{demos[0].id[:8]} on object 1' in done.stdout
    assert cv2.imread(str(tmp_path / 'overlay.png')) is not None
    refused = ask('sing', 'a', 'song')
    assert refused.returncode == 1 and 'refused: ' in refused.stdout


def test_the_documentation_shows_what_the_example_does():
    if not EXAMPLE.is_dir():
        pytest.skip('the checkout holds no docs')
    text = (EXAMPLE.parents[1] / 'calling-retrieval.md').read_text(encoding='utf-8')
    code = (EXAMPLE / 'mt3_example' / 'ask_node.py').read_text(encoding='utf-8')
    shown = [line.strip() for line in text.split('Its heart')[1].split('```')[1].splitlines()[1:]]
    assert len(shown) == 2 and all(line in code for line in shown)
