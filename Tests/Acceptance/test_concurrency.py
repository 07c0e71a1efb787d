"""Sixteen threads present the same refresh token at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

from token_requests import refresh
from wire import call, present

THREADS = 16


def at_once(request):
    barrier = threading.Barrier(THREADS)

    def one(_):
        barrier.wait()
        return request()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_kordiam_without_grace(contracts, kordiam_tokens):
    base = contracts["kordiam"]["base"]
    endpoint = f"{base}/api/v2/auth/refresh"
    body = {"refresh_token": kordiam_tokens()["refresh_token"]}
    answers = at_once(lambda: call("POST", endpoint, json=body))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [401] * (THREADS - 1)
    # The fifteen others were reuse, and reuse revokes the family in one write.
    successor = next(a for a in answers if a.status_code == 200).json()
    again = call("POST", endpoint, json={"refresh_token": successor["refresh_token"]})
    assert again.status_code == 401, again.text
    assert again.json()["detail"] == "Invalid or expired refresh token"
    bearer = present("kordiam", successor["access_token"])
    assert call("GET", f"{base}/api/v2/elements", headers=bearer).status_code == 401


def test_smartcar_within_the_grace(smartcar, clients, smartcar_refresh_tokens):
    endpoint = f"{smartcar}/oauth/token"
    client = clients["smartcar"]
    token = smartcar_refresh_tokens.take()
    answers = at_once(lambda: refresh(endpoint, client, token))
    assert [answer.status_code for answer in answers] == [200] * THREADS
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1 and token not in successors
    for answer in answers:
        bearer = present("smartcar-v2", answer.json()["access_token"])
        assert call("GET", f"{smartcar}/v2.0/user", headers=bearer).status_code == 200
    alive = refresh(endpoint, client, successors.pop())
    assert alive.status_code == 200, alive.text
    smartcar_refresh_tokens.give_back(alive.json()["refresh_token"])


def test_public_client(token_endpoint, clients, public_refresh_tokens):
    token = public_refresh_tokens.take()
    answers = at_once(lambda: refresh(token_endpoint, clients["public"], token))
    assert {answer.status_code for answer in answers} <= {200, 400}
    # RT-06 asks for one success at most; a grace may repeat it, never branch it.
    successors = [a.json()["refresh_token"] for a in answers if a.status_code == 200]
    assert len(set(successors)) == 1
