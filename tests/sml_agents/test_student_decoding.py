"""The model student: kept cache against decoding from scratch, caps, and what it records."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tiny_models import tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of
from transformers import RwkvConfig, RwkvForCausalLM

from sml_agents.decoding import KeptBatch, keeps_exactly
from sml_agents.sampling import choose
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import ConfigError, Dialogue, Episode, Speaker, StopReason, Utterance, rollout

KINDS = ("llama", "qwen2", "gpt_neox", "gpt2", "mistral", "mamba")


def make_student(kind: str = "llama", template: str = "chatml", **options: Any) -> ModelStudent:
    tokenizer = tiny_tokenizer(template)
    context = options.pop("context", 4096)
    model = tiny_model(kind, vocab=len(tokenizer), context=context).to(options.pop("dtype", torch.float32))
    return ModelStudent(model, tokenizer, **{"max_tokens_per_turn": 24, "seed": 3, **options})


def hold(student: ModelStudent, n: int = 24, max_turns: int = 4, batch_size: int = 128) -> list[Episode]:
    return rollout(lambda: LengthEnv(max_turns=max_turns), student, jobs_of(n), batch_size=batch_size)


def sampled(episodes: list[Episode]) -> list[list[tuple[int, ...]]]:
    return [[turn.tokens.sampled for turn in episode.turns if turn.tokens] for episode in episodes]


def logprobs(episodes: list[Episode]) -> torch.Tensor:
    return torch.tensor([p for e in episodes for t in e.turns if t.tokens for p in t.tokens.logprobs])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.7, 0.8), (0.0, 1.0)])
def test_sampling_and_training_agree_about_every_student_token(
    kind: str, temperature: float, top_p: float
) -> None:
    student = make_student(kind, temperature=temperature, top_p=top_p)
    assert student.keep_cache is (kind not in ("mistral", "mamba"))  # a window counts slots, a state has none
    episodes = hold(student)
    lengths = {len(ids) for episode in sampled(episodes) for ids in episode}
    assert temperature == 0 or len(lengths) > 5  # or the test says nothing about unequal lengths
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        trained = student_logprobs(student_logits(student.model, batch), batch, temperature)
    assert (trained - batch.logprobs[batch.student]).abs().max() < 1e-4


@pytest.mark.parametrize("kind", ["llama", "qwen2", "gpt_neox", "gpt2"])
@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.7, 0.8), (0.0, 1.0)])
def test_kept_cache_equals_decoding_from_scratch(kind: str, temperature: float, top_p: float) -> None:
    """In float64: in float32 a draw now and then falls into the rounding between two tokens."""
    options: dict[str, Any] = {"temperature": temperature, "top_p": top_p, "dtype": torch.float64}
    kept = hold(make_student(kind, keep_cache=True, **options))
    scratch = hold(make_student(kind, keep_cache=False, **options))
    assert sampled(kept) == sampled(scratch)
    assert (logprobs(kept) - logprobs(scratch)).abs().max() < 1e-4


def test_every_way_of_moving_rows_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long utterances among short ones make the cache narrow, widen, drop rows and squeeze holes."""
    used = set()
    for name in ("narrow", "widen", "select"):
        original = getattr(KeptBatch, name)

        def spy(self: KeptBatch, *args: Any, name: str = name, original: Any = original) -> None:
            slots = self._slots
            original(self, *args)
            used.add(name + (" and squeeze" if self._slots < slots else ""))

        monkeypatch.setattr(KeptBatch, name, spy)
    options: dict[str, Any] = {"max_tokens_per_turn": 120, "dtype": torch.float64}
    kept = hold(make_student(**options), n=12, max_turns=5)
    assert used >= {"narrow", "widen", "select", "select and squeeze"}
    scratch = hold(make_student(keep_cache=False, **options), n=12, max_turns=5)
    assert sampled(kept) == sampled(scratch)
    assert (logprobs(kept) - logprobs(scratch)).abs().max() < 1e-4


def test_what_is_sampled_does_not_depend_on_the_batch() -> None:
    together = hold(make_student(dtype=torch.float64), n=6)
    one_by_one = hold(make_student(dtype=torch.float64), n=6, batch_size=1)
    assert sampled(together) == sampled(one_by_one)
    assert sampled(hold(make_student(dtype=torch.float64, seed=4), n=6)) != sampled(together)


def test_a_share_of_the_dialogues_says_the_same_as_all_of_them() -> None:
    whole = make_student(dtype=torch.float64)
    whole.reseed("run", 5)
    everything = sampled(rollout(LengthEnv, whole, jobs_of(6)))
    part = make_student(dtype=torch.float64)
    part.reseed("run", 5, first=4)
    assert sampled(rollout(LengthEnv, part, jobs_of(6)[4:])) == everything[4:]


def test_dialogues_in_another_order_or_with_newcomers_go_on_from_their_own_tokens() -> None:
    student = make_student(keep_cache=True, temperature=0.0)
    plain = make_student(keep_cache=False, temperature=0.0)
    dialogues = [Dialogue([Utterance(Speaker.TEACHER, f"Problem {i} {'!' * i}")]) for i in range(4)]

    def say(chosen: list[Dialogue]) -> None:
        for reply, again in zip(student.reply(chosen), plain.reply(chosen), strict=True):
            assert reply.tokens is not None
            assert again.tokens is not None
            assert reply.tokens.sampled == again.tokens.sampled
            assert reply.tokens.context == again.tokens.context
            assert reply.tokens.logprobs == pytest.approx(again.tokens.logprobs, abs=1e-4)
        assert student.reply([]) == []

    def go_on(chosen: list[Dialogue]) -> None:
        for dialogue in chosen:
            dialogue.say(Utterance(Speaker.STUDENT, "what it said"))
            dialogue.say(Utterance(Speaker.TEACHER, "Go on" + "." * len(dialogue)))

    say(dialogues[:3])
    go_on(dialogues[:3])
    say([dialogues[2], dialogues[0]])  # another order
    go_on([dialogues[2], dialogues[0]])
    say([dialogues[0], dialogues[3], dialogues[2]])  # a newcomer among them
    say([dialogues[1]])  # one that was left out of a batch


def test_a_dialogue_it_never_saw_is_read_from_its_words() -> None:
    student = make_student()
    said = [
        Utterance(Speaker.TEACHER, "Problem"),
        Utterance(Speaker.STUDENT, "7"),
        Utterance(Speaker.TEACHER, "No."),
    ]
    reply = student.reply([Dialogue(said)])[0]
    assert reply.tokens is not None
    expected = student.format.tokenizer.apply_chat_template(
        Dialogue(said).messages(), add_generation_prompt=True, return_dict=False
    )
    assert list(reply.tokens.context) == expected


def test_asking_again_about_the_same_turn_starts_from_the_words() -> None:
    student = make_student(temperature=0.0)
    dialogue = Dialogue([Utterance(Speaker.TEACHER, "Problem")])
    assert student.reply([dialogue])[0] == student.reply([dialogue])[0]


def test_caps_on_turn_and_dialogue() -> None:
    episodes = hold(make_student(max_tokens_per_turn=6, max_tokens_per_dialogue=10), max_turns=10)
    longest = max(len(ids) for episode in sampled(episodes) for ids in episode)
    totals = [sum(map(len, episode)) for episode in sampled(episodes)]
    assert longest == 6
    assert max(totals) == 10
    for episode, total in zip(episodes, totals, strict=True):
        assert (episode.stop_reason is StopReason.TOKEN_LIMIT) == (total == 10 and episode.reward == 0)
        assert episode.usage["student_tokens"] == total
        for turn in episode.turns:
            assert turn.tokens is not None
            ended = turn.tokens.sampled[-1] in make_student().format.stop_ids
            assert turn.student.truncated is not ended


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_a_full_context_ends_the_dialogue(kind: str) -> None:
    episodes = hold(make_student(kind, context=150), max_turns=10)
    used = [sum(len(t.tokens.context) + len(t.tokens.sampled) for t in e.turns if t.tokens) for e in episodes]
    stops = {episode.stop_reason for episode in episodes}
    assert max(used) <= 150
    assert StopReason.TOKEN_LIMIT in stops
    assert StopReason.STUDENT_FAILED not in stops


def test_a_problem_longer_than_the_context_gets_an_empty_reply_and_spares_its_siblings() -> None:
    student = make_student(context=64)
    long, short = (Dialogue([Utterance(Speaker.TEACHER, text)]) for text in ("x" * 100, "x"))
    first, second = student.reply([long, short])
    assert (first.text, first.exhausted, first.truncated) == ("", True, True)
    assert second.tokens is not None
    assert second.tokens.sampled


def test_limits_without_sense_are_refused() -> None:
    for options in (
        {"temperature": -1},
        {"top_p": 0.0},
        {"max_tokens_per_turn": 0},
        {"max_tokens_per_dialogue": 0},
    ):
        with pytest.raises(ConfigError):
            make_student(**options)


def test_sampling_follows_the_distribution_and_top_p_cuts_its_tail() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0, float("-inf")]]).expand(20_000, -1)
    noise = torch.rand(20_000)
    noise[:2] = torch.tensor([0.0, 1 - 2**-24])
    expected = torch.softmax(logits[0] / 0.8, -1)
    tokens, chosen = choose(logits, noise, 0.8, 1.0)
    frequency = torch.bincount(tokens, minlength=5) / 20_000
    assert torch.allclose(frequency, expected, atol=0.01)
    assert torch.allclose(chosen, expected.log()[tokens])
    cut, chosen = choose(logits, noise, 0.8, 0.9)  # 0.72 + 0.21 reach it
    assert set(cut.tolist()) == {0, 1}
    assert torch.allclose(chosen, expected.log()[cut])  # not renormalised
    greedy, chosen = choose(logits, noise, 0.0, 1.0)
    assert set(greedy.tolist()) == {0}
    assert torch.allclose(chosen, torch.log_softmax(logits, -1)[:, 0])


def test_which_models_may_keep_their_cache() -> None:
    assert [keeps_exactly(tiny_model(kind)) for kind in KINDS] == [True, True, True, True, False, False]


def test_an_architecture_that_keeps_nothing_the_usual_way_is_refused() -> None:
    """It would read every token as if it were the dialogue's first, and no error would say so."""
    model = RwkvForCausalLM(RwkvConfig(vocab_size=267, hidden_size=16, num_hidden_layers=2))
    with pytest.raises(ConfigError, match=r"RwkvForCausalLM takes neither.*Choose a model"):
        ModelStudent(model, tiny_tokenizer())


def test_a_failure_in_the_middle_of_an_utterance_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    student, plain = (make_student(keep_cache=keep, temperature=0.0) for keep in (True, False))
    dialogues = [Dialogue([Utterance(Speaker.TEACHER, f"Problem {i}")]) for i in range(3)]
    first = student.reply(dialogues)
    assert [r.text for r in first] == [r.text for r in plain.reply(dialogues)]
    for dialogue, reply in zip(dialogues, first, strict=True):
        dialogue.say(Utterance(Speaker.STUDENT, reply.text))
        dialogue.say(Utterance(Speaker.TEACHER, "No."))
    with monkeypatch.context() as patch:
        patch.setattr(KeptBatch, "step", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            student.reply(dialogues)
    retried, expected = student.reply(dialogues), plain.reply(dialogues)
    assert [r.tokens and r.tokens.sampled for r in retried] == [
        r.tokens and r.tokens.sampled for r in expected
    ]
