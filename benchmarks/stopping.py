"""How long the arm goes on after a stop is asked for, in every phase, over DDS, in the simulated cell.

    ./mt3 shell python benchmarks/stopping.py [--rounds 4] [--seed 40] [--quick]

A task is taught once and then begun again and again; in a given phase it is cancelled, or `true` is published on
`/mt3/emergency_stop`, or it is paused by `/mt3/pause`. Measured is the time from the request until the last joint state
in which a joint moves faster than 0.01 rad/s (0: it stood already), at real-time factor 1, and how far the joints went:

- ms: by the computer's clock, until that joint state arrived here;
- arm's ms: by the stamps of the joint states, from the newest one that was here when the request was sent.

A busy computer delays the arrival of joint states, which the second leaves out; what the request takes to get to the
arm is in both. Prints the table and writes benchmarks/results/stopping.{json,md}.
"""

import argparse
import json
import os
import platform
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from mt3_cli.client import StackClient
from mt3_cli.demo.cell import Cell
from mt3_cli.demo.plan import make_plan
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.stack import Stack
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.up.prefix import package_share
from mt3_common.domain import hold_domain
from mt3_common.errors import MT3Error
from mt3_common.run_folder import new_run_folder
from mt3_interfaces.action import ExecuteTask

RESULTS = Path(__file__).parent / 'results'
FAMILY, TASK = 'pick_box', 'pick up the box'
PHASES = {
    'perceive': ExecuteTask.Feedback.PERCEIVE,
    'retrieve': ExecuteTask.Feedback.RETRIEVE,
    'plan': ExecuteTask.Feedback.PLAN,
    'approach': ExecuteTask.Feedback.APPROACH,
    'interact': ExecuteTask.Feedback.INTERACT,
}
MOVING_RAD_S = 0.01
WATCH_S = 1.5  # how long the joints are watched after the request


class Watch:
    """The joint states of the arm with their stamps, and the time of the computer's clock at which they came."""

    def __init__(self, client: StackClient) -> None:
        self._lock = threading.Lock()
        self._heard: list[tuple[float, float, np.ndarray, np.ndarray]] = []
        client.node.create_subscription(JointState, '/joint_states', self._take, 50)

    def _take(self, message: JointState) -> None:
        arm = [k for k, name in enumerate(message.name) if 'finger' not in name]
        stamp = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        heard = (time.monotonic(), stamp, np.array(message.position)[arm], np.array(message.velocity)[arm])
        with self._lock:
            self._heard.append(heard)

    def forget(self) -> None:
        """Drop what was heard so far."""
        with self._lock:
            self._heard.clear()

    def since(self, at: float) -> tuple[float, float, float]:
        """Return how long the arm moved after a time, by the computer's and by its own clock [s], and how far [rad]."""
        with self._lock:
            before = [heard for heard in self._heard if heard[0] < at]
            after = [heard for heard in self._heard if heard[0] >= at]
        first = before[-1] if before else after[0]
        far = float(np.abs(after[-1][2] - first[2]).max())
        moving = [heard for heard in after if np.abs(heard[3]).max() > MOVING_RAD_S]
        return (moving[-1][0] - at, moving[-1][1] - first[1], far) if moving else (0.0, 0.0, far)


def stop_once(
    client: StackClient, watch: Watch, cell: Cell, kind: str, phase: int, progress: float, seed: int
) -> tuple[float, float, float] | None:
    """Begin the task, stop it in a phase; return what `Watch.since` does, None if the phase was over too soon."""
    cell.reset(FAMILY, seed)
    asked: list[float] = []
    button = client.node.create_publisher(Bool, '/mt3/emergency_stop', 1)
    pause = client._client(Trigger, '/mt3/pause')
    client.wait_for_service(Trigger, '/mt3/pause', 10.0)
    watch.forget()

    def on_feedback(feedback: ExecuteTask.Feedback) -> None:
        if not asked and feedback.phase == phase and feedback.progress >= progress:
            asked.append(time.monotonic())
            if kind == 'emergency stop':
                button.publish(Bool(data=True))
            elif kind == 'pause':
                pause.call_async(Trigger.Request())
            else:
                handles[0].cancel_goal_async()

    handles: list = []
    sent = client._execute.send_goal_async(
        ExecuteTask.Goal(task=TASK), feedback_callback=lambda message: handles and on_feedback(message.feedback)
    )
    while not sent.done():
        time.sleep(0.001)
    handles.append(sent.result())
    done = sent.result().get_result_async()
    while not done.done():
        time.sleep(0.005)
        if kind == 'pause' and asked and time.monotonic() > asked[0] + WATCH_S:
            break
    if not asked:
        return None
    time.sleep(max(0.0, asked[0] + WATCH_S - time.monotonic()))
    found = watch.since(asked[0])
    if kind == 'pause' and not done.done():
        handles[0].cancel_goal_async()
        while not done.done():
            time.sleep(0.005)
    if kind == 'emergency stop':
        button.publish(Bool(data=False))
        time.sleep(0.2)
        client.call(Trigger, '/mt3/reset_emergency_stop', Trigger.Request())
    client.node.destroy_publisher(button)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=4, help='per phase and kind of stop')
    parser.add_argument('--seed', type=int, default=40)
    parser.add_argument('--quick', action='store_true', help='once while the arm moves; nothing is written')
    arguments = parser.parse_args()
    phases = dict(PHASES)
    if arguments.quick:
        arguments.rounds, phases = 1, {name: PHASES[name] for name in ('approach', 'interact')}
    folder = new_run_folder('runs', f'stopping_{time.strftime("%H-%M-%S")}')
    (folder / 'pictures').mkdir()
    domain, handle = hold_domain()
    os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    launch = {name: str(folder / name) for name in ('library', 'bags')}
    launch |= {'runs': str(folder / 'executions'), 'real_time_factor': '1.0'}
    file = package_share('mt3_bringup') / 'launch' / 'sim.launch.xml'
    values: dict[str, object] = {}
    head_line = (
        "| phase | stop | rounds | median ms | longest ms | median arm's ms | longest arm's ms | farthest degrees |"
    )
    lines = [head_line, '|---|---|---|---|---|---|---|---|']
    with handle, Stack(file, launch, folder / 'nodes.log', domain) as stack:
        plan = make_plan((FAMILY,), arguments.seed, same=0, novel=0)
        with DemoTerminal(plan.steps) as terminal:
            record = run_demo(plan, folder, stack, terminal)
        if not record.lessons[0].ok:
            raise MT3Error(record.lessons[0].message)
        with StackClient('stopping') as client:
            watch, cell = Watch(client), Cell(client, folder)
            rng = np.random.default_rng(arguments.seed)
            for name, phase in phases.items():
                moves = name in ('approach', 'interact')
                for kind in ('cancel', 'emergency stop', 'pause') if moves else ('cancel', 'emergency stop'):
                    measured = []
                    for k in range(arguments.rounds):
                        progress = rng.uniform(0.1, 0.7) if moves else 0.0
                        found = stop_once(client, watch, cell, kind, phase, progress, arguments.seed + 100 + k)
                        if found is not None:
                            measured.append(found)
                    if not measured:
                        print(f'{name}, {kind}: the phase was over too soon every time', flush=True)
                        continue
                    ms, own, rad = np.array(measured).T * [[1e3], [1e3], [1.0]]
                    key = f'{name}_{kind.replace(" ", "_")}'
                    values |= {f'{key}_rounds': len(ms), f'{key}_median_ms': round(float(np.median(ms)), 1)}
                    values |= {f'{key}_longest_ms': round(float(ms.max()), 1)}
                    values |= {f'{key}_arm_median_ms': round(float(np.median(own)), 1)}
                    values |= {f'{key}_arm_longest_ms': round(float(own.max()), 1)}
                    values |= {f'{key}_farthest_deg': round(float(np.degrees(rad.max())), 3)}
                    lines.append(
                        f'| {name} | {kind} | {len(ms)} | {np.median(ms):.0f} | {ms.max():.0f} | '
                        f'{np.median(own):.0f} | {own.max():.0f} | '
                        f'{np.degrees(rad.max()):.2f} |'
                    )
                    print(lines[-1], flush=True)
    text = '\n'.join(lines)
    print(text)
    if arguments.quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
    machine = f'{os.cpu_count()} cores, {platform.machine()}'
    RESULTS.mkdir(exist_ok=True)
    head = {'commit': commit, 'machine': machine, 'seed': arguments.seed, 'goal_ms': 200}
    (RESULTS / 'stopping.json').write_text(json.dumps({**head, **values}, indent=1) + '\n')
    note = f'Commit {commit}, {machine}, seed {arguments.seed}; goal: 200 ms.'
    (RESULTS / 'stopping.md').write_text(f'# From the request to stop until the arm stands\n\n{note}\n\n{text}\n')


if __name__ == '__main__':
    main()
