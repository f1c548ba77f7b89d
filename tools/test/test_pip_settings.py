"""pip's settings reach uv."""

import pytest

from mt3_env.pip_settings import translate


def test_index_certificate_and_places_to_look():
    listed = "global.index-url='https://a.example/simple'\nglobal.cert='/c.pem'\nglobal.find-links='/a /b'\n"
    assert translate(listed) == {
        'UV_DEFAULT_INDEX': 'https://a.example/simple',
        'SSL_CERT_FILE': '/c.pem',
        'UV_FIND_LINKS': '/a,/b',
    }


def test_variables_win_over_files():
    listed = ":env:.index-url='https://env.example'\nglobal.index-url='https://file.example'\n"
    assert translate(listed)['UV_DEFAULT_INDEX'] == 'https://env.example'


def test_several_indexes_are_equals_as_in_pip():
    found = translate("global.extra-index-url='https://a.example https://b.example'\n")
    assert found == {'UV_INDEX': 'https://a.example https://b.example', 'UV_INDEX_STRATEGY': 'unsafe-best-match'}


@pytest.mark.parametrize(('value', 'there'), [('true', True), ('0', False)])
def test_no_index_is_a_switch(value, there):
    assert ('UV_NO_INDEX' in translate(f"global.no-index='{value}'\n")) == there


def test_what_uv_does_not_have_is_left_out():
    assert translate("global.user='false'\n:env:.disable-pip-version-check='1'\nhash.algorithm='x'\n") == {}
