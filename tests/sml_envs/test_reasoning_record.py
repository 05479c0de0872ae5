"""The record of the datasets, held against the library that is installed."""

from __future__ import annotations

import importlib.metadata
import json
import random

import pytest

pytest.importorskip("reasoning_gym", reason="needs the extra 'reasoning'")

from sml_envs.reasoning import library
from sml_envs.reasoning.codec import encode
from sml_envs.reasoning.diagnose import CHECKS, CORRECTNESS, GENERIC, findings
from sml_envs.reasoning.families import ReasoningFamily, servable
from sml_envs.reasoning.golds import gold_answer
from sml_envs.reasoning.methods import METHODS
from sml_envs.reasoning.opposites import OPPOSITES
from sml_envs.reasoning.phrases import PHRASES
from sml_envs.reasoning.record import datasets, recorded
from sml_envs.reasoning.scoring import score
from sml_envs.reasoning.verify import tidy

SERVED = {name: dataset for name, dataset in datasets().items() if not dataset.refused}


def test_the_record_is_of_the_installed_version_and_of_all_its_datasets():
    assert recorded()["reasoning_gym"] == importlib.metadata.version("reasoning-gym")
    assert set(datasets()) == set(library.registry())


def test_nearly_all_datasets_are_served_and_the_others_have_a_reason():
    assert len(datasets()) == 106
    assert len(SERVED) >= 100
    for dataset in datasets().values():
        assert dataset.refused or dataset.levels
        assert all(dataset.refused_levels.values())


def test_the_card_lists_every_dataset_and_every_refusal():
    card = (library.__file__ or "").replace("library.py", "README.md")
    with open(card, encoding="utf-8") as file:
        text = file.read()
    for name, dataset in datasets().items():
        assert f"| `{name}` |" in text
        for reason in [dataset.refused] if dataset.refused else dataset.refused_levels.values():
            assert reason.replace("|", "/") in text
        if not dataset.refused:
            assert findings(name) in text


def test_at_least_ten_datasets_have_a_check_of_their_own():
    own = [
        name
        for name in SERVED
        if findings(name) not in (GENERIC, CORRECTNESS) and "only" not in findings(name)
    ]
    assert len(own) >= 30
    assert set(CHECKS) <= set(datasets())
    assert set(METHODS) <= set(datasets())


def test_every_fact_has_an_opposite_or_claims_nothing():
    for kind in PHRASES:
        if not kind.startswith("reasoning.false."):
            assert OPPOSITES[kind] == "" or OPPOSITES[kind] in PHRASES
    assert not any(char.isdigit() for options in PHRASES.values() for text in options for char in text)


def _recheck(name: str, level: int, items: int) -> None:
    """What the record says of a level, tried again."""
    dataset = SERVED[name]
    for number in range(items):
        seed = random.Random(f"again:{name}:{level}:{number}").getrandbits(library.SEED_BITS)
        try:
            item = library.generate(name, level, {}, seed, dataset.quirks)
        except (RuntimeError, ValueError):
            continue
        assert repr(item) == repr(library.generate(name, level, {}, seed, {*dataset.quirks, "fresh"}))
        if servable(name, item):
            gold = gold_answer(name, item)
            assert gold is not None
            sent = json.loads(json.dumps(encode(item)))
            assert (score(name, level, {}, sent, tidy(name, gold)) or 0) >= 1


@pytest.mark.parametrize("name", sorted(SERVED)[::6])
def test_a_sample_of_the_record_holds(name):
    _recheck(name, SERVED[name].levels[0], 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SERVED))
def test_the_record_holds(name):
    for level in SERVED[name].levels[:4]:
        _recheck(name, level, 3)


def test_levels_become_harder_where_the_curriculum_says_so():
    easy, hard = (
        ReasoningFamily(SERVED["chain_sum"], (level,)).generate(random.Random(1), level).problem
        for level in (1, 10)
    )
    assert len(hard) > len(easy)
