"""The library on s3://, against a local server; needs the package moto[server]."""

import urllib.request

import pytest

from mt3_common.errors import MT3Error
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.testing import Placed, make_demo

server = pytest.importorskip('moto.server', reason='moto[server] is not installed')


@pytest.fixture(scope='module')
def store():
    """Address and options of an empty bucket."""
    running = server.ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    running.start()
    host, port = running.get_host_and_port()
    address = f'http://{host}:{port}'
    urllib.request.urlopen(urllib.request.Request(f'{address}/fleet', method='PUT'), timeout=10.0).close()
    options = {
        'endpoint': address,
        'allow_http': 'true',
        'region': 'us-east-1',
        'access_key_id': 'testing',
        'secret_access_key': 'testing',
    }
    yield 's3://fleet/library', options
    running.stop()


def test_two_robots_share_a_library_in_an_object_store(store):
    uri, options = store
    one = DemoLibrary.open(uri, embed=None, storage_options=options)
    demo = one.add(make_demo('pick up the mug', Placed('mug')))
    other = DemoLibrary.open(uri, create=False, embed=None, storage_options=options)
    assert other.get(demo.id).task == 'pick up the mug'
    other.update(demo.id, task='pick up the cup')
    other.remove(demo.id)
    assert [r.task for r in DemoLibrary.open(uri, embed=None, storage_options=options).list(removed=True)] == [
        'pick up the cup'
    ]


def test_a_missing_library_in_an_object_store_is_refused(store):
    _, options = store
    with pytest.raises(MT3Error, match='no demonstration library'):
        DemoLibrary.open('s3://fleet/nothing', create=False, embed=None, storage_options=options)
