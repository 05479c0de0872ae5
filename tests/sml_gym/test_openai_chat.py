"""The client for OpenAI-compatible servers against a real server that fails in every way a server can."""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from chat_server import (
    FAILURES,
    ChatServer,
    ServerProcess,
    closed,
    half_closed,
    hang,
    raw,
    say,
    status,
    trickle,
)

from sml_gym.chat import Budget, ChatError, ChatSampling, Completion, Limits, OpenAIChat, Prices
from sml_gym.chat import wire as wire_module
from sml_gym.errors import BudgetSpent, ConfigError

QUICK = {"backoff": 0.001}
KINDS = [make().kind + (" asked to wait" if make().headers else "") for make in FAILURES]


def chat(text: str = "Hello") -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def ask(model: OpenAIChat, *texts: str, max_tokens: int = 40, **options) -> list[Completion | ChatError]:
    return model.complete([chat(text) for text in texts], ChatSampling(max_tokens=max_tokens), **options)


def echo(request):
    return say(request.messages[-1]["content"])


def test_sends_what_was_asked_for_and_reads_the_answer():
    with ChatServer([say("Look at the sum.")]) as server:
        model = OpenAIChat("tiny", server.url)
        sampling = ChatSampling(temperature=0.2, top_p=0.9, max_tokens=77)
        [answer] = model.complete(
            [[{"role": "system", "content": "Teach."}, *chat()]], sampling, seeds=[2**40 + 3]
        )
        assert answer.text == "Look at the sum." and not answer.truncated
        assert answer.usage == {"requests": 1, "input_tokens": 10, "output_tokens": 5}
        assert server.requests[0].body == {
            "model": "tiny",
            "messages": [{"role": "system", "content": "Teach."}, {"role": "user", "content": "Hello"}],
            "temperature": 0.2,
            "top_p": 0.9,
            "max_tokens": 77,
            "seed": 3,
        }
        assert model.name == f"openai:tiny@{server.url}"
        assert model.complete([], sampling) == [] and len(server.requests) == 1


def test_says_what_was_cut_at_its_limit():
    with ChatServer([say("Look", finish_reason="length")]) as server:
        assert ask(OpenAIChat("tiny", server.url), "a")[0].truncated


@pytest.mark.parametrize("make", FAILURES, ids=KINDS)
def test_another_attempt_mends(make):
    with ChatServer([make(), say("Good.")]) as server:
        [answer] = ask(OpenAIChat("tiny", server.url, deadline=2, **QUICK), "a")
        assert answer.text == "Good." and answer.usage["requests"] == 2 == len(server.requests)


@pytest.mark.parametrize("make", [*FAILURES, hang], ids=[*KINDS, "hang"])
def test_attempts_are_bounded(make):
    with ChatServer([make()]) as server:
        [answer] = ask(OpenAIChat("tiny", server.url, retries=2, deadline=0.5, **QUICK), "a")
        assert isinstance(answer, ChatError) and "(3 attempts)" in str(answer)
        assert answer.usage["requests"] == 3 == len(server.requests)


@pytest.mark.parametrize("code", [400, 413, 422])
def test_what_the_server_will_never_take_is_sent_once_and_hits_no_sibling(code):
    with ChatServer(lambda r: status(code) if "bad" in r.messages[-1]["content"] else echo(r)) as server:
        answers = ask(OpenAIChat("tiny", server.url), "one", "bad", "two")
        assert [getattr(answer, "text", None) for answer in answers] == ["one", None, "two"]
        assert isinstance(answers[1], ChatError) and f"status {code}" in str(answers[1])
        assert len(server.requests) == 3


@pytest.mark.parametrize(("code", "remedy"), [(401, "key_env"), (403, "key_env"), (404, "URL")])
def test_a_wrong_key_or_address_stops_the_run_before_it_begins_and_never_later(code, remedy):
    with ChatServer([status(code), say("Good."), status(code)]) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=1))
        with pytest.raises(ConfigError, match=remedy):
            ask(model, "a", "b", "c")
        assert len(server.requests) == 1, "the other requests would have failed alike"
        good, bad = ask(model, "a", "b")
        assert good.text == "Good." and isinstance(bad, ChatError) and remedy in str(bad)


def test_a_request_waits_as_long_as_the_server_asks_but_not_for_ever():
    with ChatServer(
        [status(429, retry_after="0.2"), status(503, retry_after="86400"), say("Good.")]
    ) as server:
        model = OpenAIChat("tiny", server.url, backoff=0.001, max_wait=0.3)
        assert ask(model, "a")[0].text == "Good."
        first, second, third = (request.time for request in server.requests)
        assert second - first >= 0.2 and third - second >= 0.3


def test_credit_used_up_at_the_server_is_not_asked_for_again():
    body = json.dumps({"error": {"message": "pay", "code": "insufficient_quota"}}).encode()
    with ChatServer([raw(body, status=429)]) as server:
        assert isinstance(ask(OpenAIChat("tiny", server.url, **QUICK), "a")[0], ChatError)
        assert len(server.requests) == 1


def test_answers_come_in_order_and_no_more_are_under_way_than_allowed():
    with ChatServer(lambda request: echo(request).after(0.05)) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=4))
        texts = [str(number) for number in range(40)]
        assert [answer.text for answer in ask(model, *texts)] == texts
        assert 2 <= server.most_at_once <= 4


def test_more_than_one_pool_of_connections():
    with ChatServer(lambda request: echo(request).after(0.5)) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=80))
        texts = [str(number) for number in range(160)]
        assert [answer.text for answer in ask(model, *texts)] == texts
        assert 33 <= server.most_at_once <= 80


def test_a_megabyte_is_read_and_more_than_the_limit_is_not(monkeypatch):
    with ChatServer([say("x" * 2**20)]) as server:
        model = OpenAIChat("tiny", server.url, retries=0)
        assert len(ask(model, "a")[0].text) == 2**20
        monkeypatch.setattr(wire_module, "MAX_BYTES", 2**20)
        [answer] = ask(model, "a")
        assert isinstance(answer, ChatError) and "larger than 1,048,576 bytes" in str(answer)


@pytest.mark.parametrize("code", [200, 500])
def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(code):
    packed = gzip.compress(say("x" * 2**20).body)
    with ChatServer([raw(packed, status=code, headers={"Content-Encoding": "gzip"})]) as server:
        [answer] = ask(OpenAIChat("tiny", server.url, retries=0), "a")
        assert isinstance(answer, ChatError) and "compressed" in str(answer)
        assert server.requests[0].headers["accept-encoding"] == "identity"


def test_half_characters_become_whole_ones_both_ways():
    with ChatServer(
        lambda request: raw(b'{"choices":[{"message":{"content":"a\\ud83d b \\ud83d\\ude00"}}]}')
    ) as server:
        assert ask(OpenAIChat("tiny", server.url), "x\udc00 \ud83d\ude00")[0].text == "a� b 😀"
        assert server.requests[0].messages[-1]["content"] == "x� 😀"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": ""}, ""),
        ({"content": [{"type": "text", "text": "Look"}, {"type": "text", "text": " here."}]}, "Look here."),
        ({"content": None, "refusal": "I cannot."}, "I cannot."),
    ],
)
def test_words_in_other_places_are_found(message, text):
    with ChatServer([raw(json.dumps({"choices": [{"message": message}]}).encode())]) as server:
        assert ask(OpenAIChat("tiny", server.url, retries=0), "a")[0].text == text


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        "many",
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 10, "completion_tokens": 10**400},
        {"prompt_tokens": "10", "completion_tokens": 5},
        {"prompt_tokens": 1.5, "completion_tokens": True},
    ],
)
def test_usage_that_is_missing_or_odd_is_estimated_and_marked(usage):
    with ChatServer([say("Look at the sum of the digits.", usage=usage)]) as server:
        [answer] = ask(OpenAIChat("tiny", server.url, prices=Prices(1.0, 2.0)), "How do I go on from here?")
        assert answer.usage["estimated_requests"] == 1
        assert 5 <= answer.usage["input_tokens"] <= 20 and 5 <= answer.usage["output_tokens"] <= 15
        spent = answer.usage["input_tokens"] + 2 * answer.usage["output_tokens"]
        assert answer.usage["cost"] == pytest.approx(spent / 1e6)


def test_what_failed_attempts_may_have_cost_is_counted():
    with ChatServer([status(500), half_closed(), say(None), say("Good.")]) as server:
        [answer] = ask(OpenAIChat("tiny", server.url, **QUICK), "a", max_tokens=40)
        assert answer.usage["requests"] == 4 and answer.usage["estimated_requests"] == 1
        assert answer.usage["output_tokens"] == 0 + 40 + 5 + 5


def test_a_redirect_is_not_followed():
    with ChatServer([say("stolen")]) as other:
        moved = status(307)
        moved.headers["Location"] = f"{other.url}/chat/completions"
        with ChatServer([moved]) as server:
            with pytest.raises(ConfigError, match=f"points to '{other.url}"):
                ask(OpenAIChat("tiny", server.url, **QUICK), "a")
            assert len(server.requests) == 1 and other.requests == []


def test_the_key_comes_from_the_environment_and_is_nowhere_else(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-this-server")
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    with ChatServer([say("a"), say("b"), status(401, message="bad key sk-very-secret")]) as server:
        ask(OpenAIChat("tiny", server.url), "a")
        assert "sk-not" not in json.dumps(dict(server.requests[0].headers))
        model = OpenAIChat("tiny", server.url, key_env="MY_KEY")
        ask(model, "b")
        assert server.requests[1].headers["authorization"] == "Bearer sk-very-secret"
        [refused] = ask(model, "c")
        shown = [model.name, repr(model), repr(model.describe()), str(refused), repr(vars(model))]
        assert "secret" not in "".join(shown) and "MY_KEY" in str(refused)


def test_a_missing_key_is_said_at_once(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        OpenAIChat("tiny")
    with pytest.raises(ConfigError, match="MY_KEY is not set"):
        OpenAIChat("tiny", "http://127.0.0.1:1/v1", key_env="MY_KEY")


@pytest.mark.parametrize("key", ["sk-\u00fc", "sk-a\nb"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key, monkeypatch):
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(ConfigError, match="MY_KEY holds a character") as refused:
        OpenAIChat("tiny", "http://127.0.0.1:1/v1", key_env="MY_KEY")
    assert "sk-" not in str(refused.value)


def test_openai_itself_is_told_the_limit_under_its_newer_name(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    model = OpenAIChat("tiny")
    assert model.name == "openai:tiny" and "max_completion_tokens" in json.loads(
        model._body([], ChatSampling(), None)
    )


class TestBudget:
    def test_requests_at_once_do_not_overshoot_and_none_is_sent_afterwards(self):
        with ChatServer(lambda request: say("Good.").after(0.005)) as server:
            # A request is estimated at 8 + 40 tokens and uses 15: two fit at once, four in all.
            budget = Budget(tokens=100)
            model = OpenAIChat("tiny", server.url, budget=budget)
            answers = ask(model, *("a" * 30))
            spent = [answer for answer in answers if isinstance(answer, ChatError)]
            assert len(spent) == 26 and all(isinstance(answer.__cause__, BudgetSpent) for answer in spent)
            assert all(answer.usage["requests"] == 0 for answer in spent)
            assert budget.spent.tokens == 60 and len(server.requests) == 4 and server.most_at_once <= 2
            assert isinstance(ask(model, "b", max_tokens=1)[0].__cause__, BudgetSpent), "closed for good"
            assert len(server.requests) == 4

    def test_models_share_it_and_it_counts_in_currency(self):
        with ChatServer([say("Good.", usage={"prompt_tokens": 10, "completion_tokens": 5})]) as server:
            budget = Budget(cost=0.001)
            cheap = OpenAIChat("cheap", server.url, budget=budget, prices=Prices(1.0, 1.0))
            dear = OpenAIChat("dear", server.url, budget=budget, prices=Prices(10.0, 20.0))
            first, second = ask(cheap, "a")[0], ask(dear, "a", max_tokens=20)[0]
            assert first.usage["cost"] == pytest.approx(15e-6) and second.usage["cost"] == pytest.approx(
                200e-6
            )
            assert budget.spent.cost == pytest.approx(215e-6)
            assert isinstance(ask(dear, "a", max_tokens=500)[0].__cause__, BudgetSpent)
            assert isinstance(ask(cheap, "a")[0].__cause__, BudgetSpent)

    def test_a_repetition_that_does_not_fit_is_not_made(self):
        with ChatServer([half_closed()]) as server:
            model = OpenAIChat("tiny", server.url, budget=Budget(tokens=120), **QUICK)
            [answer] = ask(model, "a")
            assert isinstance(answer.__cause__, BudgetSpent) and answer.usage["requests"] == 2 == len(
                server.requests
            )

    def test_failures_that_cost_nothing_leave_it_whole(self):
        with ChatServer([status(500), closed(), say("Good.")]) as server:
            budget = Budget(tokens=50)
            [answer] = ask(OpenAIChat("tiny", server.url, budget=budget, retries=1, **QUICK), "a")
            assert isinstance(answer.__cause__, BudgetSpent) or budget.spent.tokens <= 50
        with ChatServer([status(500), status(429), say("Good.")]) as server:
            budget = Budget(tokens=50)
            assert ask(OpenAIChat("tiny", server.url, budget=budget, **QUICK), "a")[0].text == "Good."
            assert budget.spent.tokens == 15

    @pytest.mark.parametrize("bad", [{"tokens": 0}, {"cost": -1.0}, {"tokens": float("nan")}])
    def test_a_budget_without_sense_is_refused(self, bad):
        with pytest.raises(ConfigError):
            Budget(**bad)

    def test_currency_needs_prices(self):
        with pytest.raises(ConfigError, match="price_in"):
            OpenAIChat("tiny", "http://127.0.0.1:1/v1", budget=Budget(cost=1.0))


def test_threads_may_share_a_model():
    with ChatServer(lambda request: echo(request).after(0.005)) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=8))
        with ThreadPoolExecutor(6) as pool:
            asked = [[f"{thread}.{number}" for number in range(20)] for thread in range(6)]
            answered = list(pool.map(lambda texts: [a.text for a in ask(model, *texts)], asked))
        assert answered == asked and server.most_at_once <= 8


def test_it_works_where_an_event_loop_runs_already():
    async def in_a_notebook(model):
        return ask(model, "a")

    with ChatServer(echo) as server:
        assert asyncio.run(in_a_notebook(OpenAIChat("tiny", server.url)))[0].text == "a"


def _ask_from_child(model: OpenAIChat, queue: multiprocessing.Queue) -> None:
    queue.put([answer.text for answer in ask(model, "b", "c")])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_a_connection_of_its_own():
    context = multiprocessing.get_context("fork")
    with ChatServer(echo) as server:
        model = OpenAIChat("tiny", server.url, budget=Budget(tokens=10_000), limits=Limits(rpm=6e4, tpm=1e7))
        assert ask(model, "a")[0].text == "a"
        queue = context.Queue()
        child = context.Process(target=_ask_from_child, args=(model, queue))
        child.start()
        assert queue.get(timeout=20) == ["b", "c"]
        child.join(20)
        assert child.exitcode == 0 and ask(model, "d")[0].text == "d"


def test_it_can_be_sent_to_another_process_and_a_copy_is_no_second_budget():
    with ChatServer(echo) as server:
        model = OpenAIChat("tiny", server.url, budget=Budget(tokens=10_000), limits=Limits(rpm=6e4))
        ask(model, "a")
        assert copy.deepcopy(model).budget is model.budget
        again = pickle.loads(pickle.dumps(model))  # noqa: S301
        assert again.name == model.name and ask(again, "b")[0].text == "b"
        assert again.budget.spent.tokens == 15


def test_a_server_that_drops_its_connections_is_found_again():
    with ChatServer(echo) as server:
        model = OpenAIChat("tiny", server.url, **QUICK)
        ask(model, "a", "b", "c")
        server.close_connections()
        assert [answer.text for answer in ask(model, "d", "e", "f")] == ["d", "e", "f"]


def test_a_server_that_dies_fails_what_is_left_and_nothing_hangs():
    with ServerProcess("--die-after", "8") as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=2), retries=1, **QUICK)
        answers = ask(model, *("a" * 20))
        good = [answer for answer in answers if isinstance(answer, Completion)]
        assert 6 <= len(good) <= 7 and len(answers) == 20
        assert all("connection" in str(a) for a in answers if isinstance(a, ChatError))


def test_an_interrupt_leaves_at_once_and_the_model_goes_on_working():
    with ChatServer([hang(), say("Good.")]) as server:
        model = OpenAIChat("tiny", server.url)
        threading.Timer(0.3, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            ask(model, "a")
        assert ask(model, "b")[0].text == "Good."


def test_many_missed_deadlines_leave_no_connection_blocked():
    with ChatServer(lambda r: trickle() if r.number < 60 else say("Good.")) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(concurrency=20), deadline=0.5, backoff=0.001)
        assert {answer.text for answer in ask(model, *("a" * 60))} == {"Good."}


@pytest.mark.parametrize(
    "options",
    [
        {"deadline": 0},
        {"retries": -1},
        {"backoff": float("nan")},
        {"url": "127.0.0.1:8000"},
        {"url": "http://user:word@127.0.0.1/v1"},
        {"url": "http://127.0.0.1/v1?x=1"},
        {"url": "http://[::1"},
    ],
)
def test_options_without_sense_are_refused(options):
    with pytest.raises(ConfigError) as caught:
        OpenAIChat("tiny", **({"url": "http://127.0.0.1:1/v1"} | options))
    assert "word" not in str(caught.value) or "password" in str(caught.value)


def test_no_client_is_imported_before_it_is_used():
    program = "import sys, sml_gym; assert not {'openai', 'httpx2', 'httpx'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
