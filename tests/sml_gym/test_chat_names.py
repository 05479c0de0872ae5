"""Chat models by name, rates, waits between attempts, and the reading of answers."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from email.utils import format_datetime

import pytest
from chat_server import ChatServer, say
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym.chat import ChatSampling, OpenAIChat, make_chat, make_chat_model
from sml_gym.chat.answers import Answer, Unanswered, read_answer
from sml_gym.chat.limits import SLACK, WINDOW, Bucket, Limits, RateLimit
from sml_gym.chat.retries import backoff, retry_after
from sml_gym.chat.specs import LIMITS, SAMPLING, read_sampling, sampling_query, without_limits
from sml_gym.errors import ConfigError

URL = "http://127.0.0.1:1/v1"


def test_a_name_says_all(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk")
    model, sampling = make_chat(
        f"openai:org/tiny:8b@{URL}?concurrency=7&rpm=600&tpm=1e5&deadline=9&retries=3&budget_tokens=1000000"
        "&budget_cost=5&price_in=0.15&price_out=0.60&backoff=0.1&max_wait=4&key_env=MY%5FKEY&temperature=0"
        "&top_p=.5&max_tokens=9"
    )
    assert isinstance(model, OpenAIChat)
    assert (model.model, model.url) == ("org/tiny:8b", URL)
    assert (model.limits.concurrency, model.limits.rpm, model.limits.tpm) == (7, 600, 100_000)
    assert (model.deadline, model.retries, model.backoff, model.max_wait) == (9, 3, 0.1, 4)
    assert (model.budget.tokens, model.budget.cost) == (1_000_000, 5)
    assert (model.prices.input, model.prices.output) == (0.15, 0.6)
    assert sampling == ChatSampling(0.0, 0.5, 9)
    assert model.name == f"openai:org/tiny:8b@{URL}?key_env=MY_KEY" == make_chat_model(model.name).name


@pytest.mark.parametrize("model", ["tiny@20260101", "tiny@2026.1", "@cf/org/tiny-3.2", "ft:tiny:org::a1"])
def test_a_model_may_have_a_version_in_its_name(model, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    made = make_chat_model(f"openai:{model}")
    assert (made.model, made.url) == (model, "https://api.openai.com/v1")


@pytest.mark.parametrize("spec", [f" openai:tiny @ {URL}/ ", f"openai: tiny@{URL}", f"openai:tiny@\n{URL}\n"])
def test_blanks_around_the_parts_of_a_name_are_no_part_of_them(spec):
    assert make_chat_model(spec).name == f"openai:tiny@{URL}"


def test_a_model_passes_through():
    model = make_chat_model(f"openai:tiny@{URL}")
    assert make_chat(model, ChatSampling(0.1)) == (model, ChatSampling(0.1))


@pytest.mark.parametrize(
    ("spec", "remedy"),
    [
        ("opnai:tiny", "'openai'"),
        ("tiny", "Known"),
        (f"openai:@{URL}", "openai:MODEL@URL"),
        ("openai:tiny@127.0.0.1:8000/v1", "openai:tiny@http://127.0.0.1:8000/v1"),
        (f"openai:tiny@{URL} /v1", "no URL"),
        ("openai:tiny@http://my host/v1", "no URL"),
        ("openai:tiny@localhost", "openai:tiny@http://localhost"),
        ("openai:org/tiny@my.host/v1?retries=1", "openai:org/tiny@http://my.host/v1"),
        ("openai:tiny@[::1]:8000", "openai:tiny@http://[::1]:8000"),
        (f"openai:tiny@{URL}?retires=3", "Did you mean 'retries'"),
        (f"openai:tiny@{URL}?retries=3.5", "whole number"),
        (f"openai:tiny@{URL}?rpm=nan", "number"),
        (f"openai:tiny@{URL}?rpm=0", "at least 1"),
        (f"openai:tiny@{URL}?concurrency=-1", "at least 1"),
        (f"openai:tiny@{URL}?retries=1&retries=2", "once"),
        (f"openai:tiny@{URL}?retries", "NAME=VALUE"),
        (f"openai:tiny@{URL}?budget_cost=1", "price_in"),
        (f"openai:tiny@{URL}?budget_tokens=-3", "above 0"),
        (f"openai:tiny@{URL}?price_in=-3", "at least 0"),
        (f"openai:tiny@{URL}?temperature=-1", "at least 0"),
        (f"openai:tiny@{URL}?top_p=2", "at most 1"),
        (f"openai:tiny@{URL}?max_tokens=0", "at least 1"),
        ("openai:tiny@http://me:hunter2@127.0.0.1/v1", "key_env"),
        ("openai:tiny@ftp://127.0.0.1/v1", "http://"),
        (5, "`complete`"),
    ],
)
def test_a_name_without_sense_is_refused_with_what_mends_it(spec, remedy):
    with pytest.raises(ConfigError) as caught:
        make_chat_model(spec)
    assert remedy in str(caught.value) and "hunter2" not in str(caught.value)


def test_names_of_one_server_and_model_spend_from_one_budget_and_share_limits():
    with ChatServer([say("Good.")]) as server:
        first = make_chat_model(server.spec("a", budget_tokens=1000))
        second = make_chat_model(server.spec("a", budget_tokens=2000))
        other = make_chat_model(server.spec("b", budget_tokens=1000))
        first.complete([[{"role": "user", "content": "Hello"}]], ChatSampling(max_tokens=9))
        assert [model.budget.spent.tokens for model in (first, second, other)] == [15, 15, 0]
        assert first.limits is second.limits is not other.limits
        assert make_chat_model(server.spec("a", concurrency=3)).limits is not first.limits


samplings = st.builds(ChatSampling, st.floats(0, 5), st.floats(0, 1, exclude_min=True), st.integers(1, 10**6))


@given(samplings)
@settings(deadline=None)
def test_a_sampling_is_written_and_read(sampling):
    assert read_sampling(sampling_query(sampling)) == sampling
    assert make_chat(f"openai:tiny@{URL}?{sampling_query(sampling)}")[1] == sampling


limit_options = st.sampled_from([f"{name}=5" for name in LIMITS])
other_options = st.sampled_from([f"{name}=0.5" for name in SAMPLING] + ["prompt=brief"])


@given(st.lists(limit_options, unique=True), st.lists(other_options, unique=True), st.randoms())
@settings(deadline=None)
def test_limits_are_no_part_of_what_a_run_is(limits, others, random):
    options = [*limits, *others]
    random.shuffle(options)
    kept = [option for option in options if option in others]

    def named(options):
        return f"guard(flag):openai:tiny@{URL}" + ("?" if options else "") + "&".join(options)

    assert without_limits(named(options)) == named(kept)
    assert without_limits(f"real, {named(options)}, binary") == f"real, {named(kept)}, binary"
    assert without_limits(f"guard(judge={named(limits)}):{named(options)}") == (
        f"guard(judge={named([])}):{named(kept)}"
    )


@pytest.mark.parametrize(
    "text",
    ["", "scripted:2", "a?b", "/data/tasks.jsonl", "What is rpm=3?", "noisy(0.2):silent", "Eh?no=1"],
)
def test_other_names_stay_as_they_are(text):
    assert without_limits(text) == text


@given(
    st.integers(1, 5_000),
    st.lists(st.tuples(st.floats(0, 3, allow_subnormal=False), st.integers(1, 40)), max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_no_minute_sees_more_than_its_share(per_minute, arrivals):
    bucket, now, sent = Bucket(per_minute), 0.0, []
    for pause, count in arrivals:
        now += pause
        for _ in range(count):
            while wait := bucket.take(1, now):
                now += wait
            sent.append(now)
    for start, first in enumerate(sent):
        assert sum(first <= at < first + WINDOW + SLACK - 1e-6 for at in sent[start:]) <= per_minute
    if per_minute >= 60 and len(sent) > 1:  # and it is not slower than it has to be
        assert sent[-1] <= sum(pause for pause, _ in arrivals) + len(sent) * WINDOW / per_minute * 1.05 + 1


def test_a_demand_for_more_than_a_second_holds_goes_out_alone():
    bucket = Bucket(600)
    assert bucket.take(300, 0.0) == 0
    wait = bucket.take(1, 0.0)
    assert 25 < wait < 35, "300 units at about 10 a second"
    bucket.give_back(290, 0.0)
    assert bucket.take(1, 0.0) < 2


def test_a_line_is_served_in_order():
    async def stand_in_line():
        limit, served = RateLimit(6_000), []

        async def customer(number):
            await limit.take()
            served.append(number)

        await asyncio.gather(*[customer(number) for number in range(130)])
        return served

    assert asyncio.run(stand_in_line()) == list(range(130))


def test_rates_hold_for_every_attempt_on_the_wire():
    with ChatServer([say("Good.")]) as server:
        model = OpenAIChat("tiny", server.url, limits=Limits(rpm=1200))
        begun = time.monotonic()
        model.complete([[{"role": "user", "content": "Hello"}]] * 30, ChatSampling())
        assert server.requests[-1].time - begun >= 9 / 20, "20 at once, then 20 a second"


def test_tokens_a_minute_are_given_back_when_answers_are_shorter_than_feared():
    with ChatServer([say("Good.")]) as server:
        # Each is estimated at more than 4,000 tokens, 40 seconds' worth, and takes 15.
        model = OpenAIChat("tiny", server.url, limits=Limits(tpm=6_000))
        answers = model.complete([[{"role": "user", "content": "Hello"}]] * 8, ChatSampling(max_tokens=4_000))
        assert all(answer.text == "Good." for answer in answers)
        assert server.requests[-1].time - server.requests[0].time < 40


@given(st.integers(1, 50), st.floats(0.001, 10), st.floats(0.001, 100), st.none() | st.floats(-1, 1e9))
@settings(deadline=None)
def test_waits_grow_up_to_their_limit(attempt, base, most, asked):
    wait = backoff(attempt, base, most, asked)
    if asked is None:
        assert 0 <= wait <= min(most, base * 2 ** (attempt - 1))
    else:
        assert min(most, max(0, asked)) <= wait <= min(most, max(0, asked)) + base


def test_jitter_leaves_the_global_generator_alone():
    import random

    random.seed(3)
    expected = random.random()
    random.seed(3)
    backoff(3, 1.0, 10.0)
    assert random.random() == expected


def test_retry_after_in_all_its_forms():
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=90)
    assert retry_after({"retry-after": "7"}) == 7 and retry_after({"retry-after": "0.5"}) == 0.5
    assert retry_after({"retry-after-ms": "250", "retry-after": "9"}) == 0.25
    assert 80 <= retry_after({"retry-after": format_datetime(soon, usegmt=True)}) <= 90
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for nothing in ({}, {"retry-after": "soon"}, {"retry-after": "nan"}, {"retry-after": "-"}):
        assert retry_after(nothing) is None
    assert retry_after({"retry-after": "-5"}) == 0


KEYS = [
    "choices",
    "message",
    "content",
    "usage",
    "error",
    "refusal",
    "text",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(KEYS),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(
    st.binary(max_size=60)
    | json_values.map(lambda value: json.dumps(value).encode())
    | json_values.map(lambda value: json.dumps({"choices": [{"message": {"content": value}}]}).encode())
    | json_values.map(lambda value: json.dumps({"choices": [value], "usage": value}).encode())
)
@settings(deadline=None, max_examples=300)
def test_whatever_comes_is_an_answer_or_none(data):
    try:
        answer = read_answer(data)
    except Unanswered as exc:
        str(exc).encode()
    else:
        assert isinstance(answer, Answer)
        answer.text.encode()
        assert answer.tokens is None or all(0 <= count < 10**9 for count in answer.tokens)


@pytest.mark.parametrize("data", [b"[" * 10**5, b'{"a":' * 10**5, b"1" * 10**4, b"\xff\xfe", b"null", b""])
def test_hostile_json_is_no_answer(data):
    with pytest.raises(Unanswered):
        read_answer(data)
