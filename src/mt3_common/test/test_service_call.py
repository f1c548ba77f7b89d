import time

import pytest

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.service_call import call_service


class Future:
    def __init__(self, answer=None):
        self.answer = answer

    def done(self):
        return self.answer is not None

    def result(self):
        return self.answer


class Client:
    """A service client of which the first replies are lost."""

    srv_name = '/asked'

    def __init__(self, ready=True, lost=0):
        self._ready, self._lost = ready, lost
        self.pending = []
        self.sent = 0

    def service_is_ready(self):
        return self._ready

    def call_async(self, request):
        self.sent += 1
        future = Future(None if self.sent <= self._lost else f'answer to {request}')
        self.pending.append(future)
        return future

    def remove_pending_request(self, future):
        self.pending.remove(future)


def test_answer_is_returned():
    client = Client()
    assert call_service(client, 'it', wait_s=1.0, timeout_s=1.0) == 'answer to it'
    assert client.sent == 1 and not client.pending


def test_lost_reply_is_asked_for_again():
    client = Client(lost=2)
    assert call_service(client, 'it', wait_s=1.0, timeout_s=30.0, repeat_s=0.02) == 'answer to it'
    assert client.sent == 3 and not client.pending


def test_what_must_not_come_twice_is_sent_once():
    client = Client(lost=1)
    with pytest.raises(MT3Error, match='did not answer within') as caught:
        call_service(client, 'it', wait_s=1.0, timeout_s=0.1)
    assert caught.value.code == StatusCode.TIMEOUT
    assert client.sent == 1 and not client.pending


def test_nobody_offers_it():
    with pytest.raises(MT3Error, match='start the node') as caught:
        call_service(Client(ready=False), 'it', wait_s=0.05, timeout_s=1.0, advice='start the node')
    assert caught.value.code == StatusCode.NO_DATA


def test_stop_ends_the_wait_with_its_status():
    began = time.monotonic()
    client = Client(lost=99)
    stop = Status(StatusCode.CANCELLED, 'asked to stop')
    with pytest.raises(MT3Error, match='asked to stop') as caught:
        call_service(client, 'it', wait_s=1.0, timeout_s=60.0, stopped=lambda: stop if client.sent else None)
    assert caught.value.code == StatusCode.CANCELLED and not client.pending
    assert time.monotonic() - began < 30.0
