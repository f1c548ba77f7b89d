"""The container files, as far as they can be read without an engine."""

import re
import subprocess

import yaml

from mt3_env.paths import ROOT

DOCKER = ROOT / 'docker'


def test_profiles_and_what_they_start():
    services = yaml.safe_load((DOCKER / 'compose.yaml').read_text())['services']
    profiles = {profile for service in services.values() for profile in service['profiles']}
    assert profiles == {'sim', 'real'}
    for service in services.values():
        assert (DOCKER / service['build']['context'] / service['build']['dockerfile']).resolve().is_file()
        for file in re.findall(r'mt3_bringup (\S+\.launch\.xml)', service['command']):
            assert (ROOT / 'launch' / file).is_file()


def test_entry_point_is_a_valid_executable_script():
    script = DOCKER / 'entrypoint.sh'
    assert script.stat().st_mode & 0o111
    subprocess.run(['bash', '-n', str(script)], check=True)


def test_what_the_image_copies_exists():
    text = (DOCKER / 'Dockerfile').read_text()
    for source in re.findall(r'^COPY (\S+) ', text, re.M):
        assert (ROOT / source).exists(), source
    assert re.search(r'^FROM ros:jazzy', text, re.M)
