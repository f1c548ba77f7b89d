"""The documents name what there is."""

import re
from pathlib import Path

import pytest

from mt3_common.errors import StatusCode

REPO = Path(__file__).resolve().parents[3]
PAGES = [*sorted(REPO.glob('*.md')), *sorted((REPO / 'docs').glob('*.md'))]
INTERFACES = (REPO / 'docs' / 'interfaces.md').read_text()


@pytest.mark.parametrize('code', StatusCode, ids=lambda code: code.name)
def test_every_status_is_explained(code):
    assert f'`{code.name}`' in INTERFACES


@pytest.mark.parametrize('file', sorted((REPO / 'src/mt3_interfaces').glob('[sa]*/*')), ids=lambda file: file.stem)
def test_every_service_and_action_of_the_stack_is_listed(file):
    assert file.stem.startswith('Sim') or f'`{file.stem}`' in INTERFACES  # those of the simulation only stay out


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_links_and_pictures_exist(page):
    targets = re.findall(r'\]\(([^)#\s]+)', page.read_text())
    missing = [t for t in targets if '://' not in t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_named_files_of_the_repository_exist(page):
    named = re.findall(r'`((?:config|launch|benchmarks|src|docs|docker)/[\w./-]*)`', page.read_text())
    missing = [name for name in named if not (REPO / name).exists()]
    assert missing == []
