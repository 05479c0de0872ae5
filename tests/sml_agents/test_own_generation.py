"""The own loop behind the generation protocol: whatever is asked, it samples as from scratch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import tiny_model, tiny_tokenizer
from torch.utils._python_dispatch import TorchDispatchMode

from sml_agents.decoding import KeptBatch
from sml_agents.generation import Generated, OwnGenerator, TokenSampling
from sml_agents.generation.protocol import row_seeds
from sml_agents.student import ModelStudent
from sml_gym import Dialogue, Speaker, Utterance

VOCABULARY = 40
STOPS = frozenset({3, 7, 11, 20})
MODEL = tiny_model(vocab=VOCABULARY, width=16).double()  # in float32 a draw may fall between two tokens


def sampling(rows: int, *, seed: int = 0, longest: int = 8, **options: Any) -> TokenSampling:
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand((rows, longest), generator=generator)
    limits = torch.randint(1, longest + 1, (rows,), generator=generator).tolist()
    return TokenSampling(limits=limits, noise=noise, stops=STOPS, **options)


tokens = st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=6)
moves = st.sampled_from(["go on", "go on", "take back", "cut", "again", "another"])
rows_of_a_call = st.lists(st.tuples(st.integers(0, 4), moves, tokens), min_size=1, max_size=5)
calls = st.lists(st.tuples(rows_of_a_call, st.integers(0, 99)), min_size=2, max_size=6)


@settings(deadline=None, max_examples=40)
@given(calls, st.booleans(), st.integers(1, 3))
def test_any_sequence_of_calls_samples_what_decoding_from_scratch_does(
    script: list[Any], named: bool, batches: int
) -> None:
    """Rows are left out, come in another order, twice, with other words for their last, cut short, anew."""
    kept, scratch = OwnGenerator(MODEL, keep=True, batches=batches), OwnGenerator(MODEL, keep=False)
    prompts: dict[int, list[int]] = {}
    said: dict[int, list[int]] = {}
    for rows, seed in script:
        asked = []
        for row, move, new in rows:
            before, utterance = prompts.get(row, []), said.get(row, [])
            if move == "go on":
                prompt = before + utterance + new
            elif move == "take back":
                prompt = before + new
            elif move == "cut":
                prompt = (before + utterance)[: len(new)] + new
            else:
                prompt = list(before) if move == "again" and before else list(new)
            asked.append((row, prompt))
        keys = [row for row, _ in asked]
        how = sampling(len(asked), seed=seed)
        found = kept.generate([p for _, p in asked], how, keys=keys if named else None)
        expected = scratch.generate([p for _, p in asked], how)
        assert found.ids == expected.ids
        for one, other in zip(found.logprobs, expected.logprobs, strict=True):
            assert one == pytest.approx(other, abs=1e-5)
        for (row, prompt), ids in zip(asked, found.ids, strict=True):
            prompts[row], said[row] = prompt, ids


def test_what_is_sampled_replays_ends_at_a_stop_or_the_limit_and_no_prompt_gives_no_row() -> None:
    generator = OwnGenerator(MODEL)
    assert generator.generate([], sampling(0)) == Generated([], [])
    prompts = [[1, 2, 3], [4], [5, 6]] * 8
    how = sampling(len(prompts), longest=20, temperature=0.8)
    made = generator.generate(prompts, how)
    for prompt, ids, logprobs, limit in zip(prompts, made.ids, made.logprobs, how.limits, strict=True):
        assert (ids[-1] in STOPS) or len(ids) == limit
        assert not STOPS & set(ids[:-1]) and 1 <= len(ids) <= limit
        with torch.no_grad():
            logits = MODEL(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1].float() / 0.8
        expected = logits.log_softmax(-1).gather(-1, torch.tensor(ids).unsqueeze(1)).squeeze(1)
        assert torch.allclose(torch.tensor(logprobs), expected, atol=1e-5)
    assert {len(ids) for ids in made.ids} > {1}


def fed_tokens(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each `extend` is given, from now on."""
    fed: list[int] = []
    original = KeptBatch.extend

    def spy(self: KeptBatch, chunks: Any) -> Any:
        fed.append(sum(map(len, chunks)))
        return original(self, chunks)

    monkeypatch.setattr(KeptBatch, "extend", spy)
    return fed


@pytest.mark.parametrize("named", [True, False])
def test_only_what_is_new_is_fed(monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    generator, fed = OwnGenerator(MODEL), fed_tokens(monkeypatch)
    prompts = [[i, *range(12)] for i in range(4)]
    keys = [0, 1, 2, 3] if named else None
    said = generator.generate(prompts, sampling(4), keys=keys).ids
    longer = [prompts[i] + said[i] + [1, 2] for i in (2, 0)]
    generator.generate(longer, sampling(2), keys=[2, 0] if named else None)
    assert fed == [4 * 13, 2 * 3]  # the last token of an utterance and the two new ones


def test_two_waves_that_alternate_are_both_kept_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = fed_tokens(monkeypatch)
    for batches, expected in ((1, [10, 10, 13, 13]), (2, [10, 10, 3, 3])):
        fed.clear()
        generator = OwnGenerator(MODEL, batches=batches)
        waves = {wave: [wave] * 10 for wave in (5, 6)}
        one = TokenSampling([1], torch.full((1, 1), 0.5), frozenset())
        for _ in range(2):
            for wave, prompt in waves.items():
                said = generator.generate([prompt], one, keys=[wave]).ids[0]
                waves[wave] = [*prompt, *said, 1, 2]
        assert fed == expected


def test_other_weights_are_spoken_with_as_soon_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model(vocab=VOCABULARY, width=16)
    generator = OwnGenerator(model)
    prompt, how = [1, 2, 3], TokenSampling([4], torch.full((1, 4), 0.5), frozenset(), temperature=0.0)
    before = generator.generate([prompt], how, keys=[0])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter))
    generator.weights_changed()
    longer = prompt + before.ids[0] + [5]
    after, fresh = generator.generate([longer], how, keys=[0]), OwnGenerator(model).generate([longer], how)
    assert after.ids == fresh.ids and after.logprobs == fresh.logprobs


def test_a_seed_of_each_row_comes_from_its_own_numbers() -> None:
    noise = torch.rand((500, 3))
    seeds = row_seeds(noise)
    assert len(set(seeds)) == 500 and all(0 <= seed < 2**48 for seed in seeds)
    assert row_seeds(noise[7:8]) == [seeds[7]]
    assert row_seeds(noise[:, :1]) == [int(row[0] * 2**24) for row in noise]
    assert row_seeds(torch.zeros((0, 3))) == []


def test_words_in_the_place_of_what_was_sampled_need_no_second_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokenizer = tiny_tokenizer()
    student = ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=9, temperature=0)
    fed = fed_tokens(monkeypatch)
    dialogue = Dialogue([Utterance(Speaker.TEACHER, "A problem of some length, so that it shows.")])
    reply = student.reply([dialogue])[0]
    instead = student.say_instead(dialogue, reply, "Is it seven?")
    assert instead is not None and instead.tokens is not None
    dialogue.say(Utterance(Speaker.STUDENT, "Is it seven?"))
    dialogue.say(Utterance(Speaker.TEACHER, "No."))
    again = student.reply([dialogue])[0]
    assert again.tokens is not None
    assert fed == [len(reply.tokens.context), len(instead.tokens.sampled) + len(again.tokens.context)]


class Waits(TorchDispatchMode):
    """Counts what would make the host wait for an accelerator."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += any(name in str(func) for name in ("_local_scalar_dense", "nonzero"))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kind", ["llama", "qwen2", "gpt_neox", "gpt2"])
def test_with_a_whole_mask_a_step_computes_the_same_and_waits_for_nothing(kind: str) -> None:
    """As on an accelerator, where no token may wait for the host."""
    model = tiny_model(kind)
    plain, whole = KeptBatch(model), KeptBatch(model)
    assert not plain.whole_mask
    whole.whole_mask = True
    with torch.no_grad():
        for chunks in ([[1, 2, 3, 4], [5]], [[6], [7, 8, 9]]):
            assert torch.allclose(whole.extend(chunks), plain.extend(chunks), atol=1e-4)
            for going in (True, False):
                under_way = torch.tensor([True, going])
                with Waits() as waits:
                    logits = whole.step(torch.tensor([1, 2]), under_way)
                assert waits.count == 0
                expected = plain.step(torch.tensor([1, 2]), under_way)
                assert torch.allclose(logits[under_way], expected[under_way], atol=1e-4)
            whole.rewind(0, 2)
            plain.rewind(0, 2)
