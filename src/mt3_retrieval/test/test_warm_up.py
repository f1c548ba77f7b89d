"""The first request must not wait for a compiler: half a minute on a slow machine, longer than its caller waits."""

import json
import subprocess
import sys

SCRIPT = """
import importlib, json, pkgutil
import mt3_retrieval
import mt3_retrieval.alignment as alignment
from mt3_retrieval.alignment import AlignmentConfig, View, align
from mt3_retrieval.descriptor import describe
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.target_mask import target_mask
from mt3_retrieval.retrieval import Retriever
from mt3_retrieval.testing import Placed, make_scene

def compiled():
    found = {}
    for package in (mt3_retrieval, alignment):
        for _, name, _ in pkgutil.iter_modules(package.__path__):
            if not name.endswith('node'):
                for kernel, value in vars(importlib.import_module(f'{package.__name__}.{name}')).items():
                    if hasattr(value, 'signatures'):
                        found[f'{name}.{kernel}'] = len(value.signatures)
    return found

def view(kind, x, yaw):
    scene = make_scene([Placed(kind, x, 0.0, yaw)], seed=1)
    return View.from_rgbd(scene.depth_m, scene.mask(1), scene.K, scene.T_base_camera, support_height=0.0)

Retriever(DemoLibrary.open(LIBRARY, embed=None), embed=None).warm_up()
before = compiled()
for kind in ('mug', 'bottle', 'lblock'):
    for dof in (4, 6):
        found = align(view(kind, 0.5, 0.4), view(kind, 0.45, 1.4), AlignmentConfig(dof=dof))
    scene = make_scene([Placed(kind, 0.45, 0.0, 1.4)], seed=1)
    describe(scene.objects[0].points, 0.0)
    target_mask(scene, 1, view(kind, 0.5, 0.4), found)
print(json.dumps([before, compiled()]))
"""


def test_warm_up_compiles_what_requests_use(tmp_path):
    script = SCRIPT.replace('LIBRARY', repr(str(tmp_path / 'library')))
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    assert after == before and sum(after.values()) > 5
