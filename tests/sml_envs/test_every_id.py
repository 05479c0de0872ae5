"""Every installed environment keeps the contract, and no text breaks a dialogue."""

from __future__ import annotations

import gymnasium as gym
import pytest

import sml_gym
from sml_gym.testing import check_env, check_random_dialogues, example_options

IDS = sml_gym.env_ids()


def make(env_id: str) -> gym.Env:
    try:
        return gym.make(env_id, **example_options(env_id))
    except sml_gym.ConfigError as exc:
        if "pip install" in str(exc):
            pytest.skip(str(exc))
        raise


@pytest.mark.parametrize("env_id", IDS)
def test_every_installed_id_conforms(env_id: str) -> None:
    check_env(make(env_id))


@pytest.mark.parametrize("env_id", IDS)
def test_random_dialogues_end_as_they_should(env_id: str) -> None:
    check_random_dialogues(make(env_id), 30)


@pytest.mark.slow
@pytest.mark.parametrize("env_id", IDS)
def test_a_thousand_random_dialogues_end_as_they_should(env_id: str) -> None:
    check_random_dialogues(make(env_id), 1_000, seed=1)
