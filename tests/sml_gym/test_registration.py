"""Ids come from entry points, the built-in ones and a third party's alike."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import sml_gym
from sml_gym import ConfigError

SPELLING = Path(__file__).parents[1] / "data" / "spelling_domain"
PROGRAM = """
import gymnasium as gym
env = gym.make("sml_gym:Spelling-v0")
problem, _ = env.reset(seed=0)
assert problem.startswith("Write"), problem
from sml_gym.testing import check_env
check_env(env)
import sml_gym
assert "Spelling-v0" in sml_gym.env_ids()
assert gym.make_vec("Spelling-v0", num_envs=2).reset(seed=0)[0][0] == problem
print("made")
"""


def test_a_third_partys_package_is_installed_and_made_by_id(tmp_path):
    source = shutil.copytree(SPELLING, tmp_path / "source")  # setuptools builds beside its source
    flags = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(tmp_path / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *flags, str(source)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "made", done.stderr


def test_importing_the_library_and_making_an_environment_costs_no_torch():
    program = (
        "import sys, gymnasium as gym, sml_gym; gym.make('SML-Math-v0').reset(seed=0);"
        "print([name for name in ('torch', 'transformers', 'trl', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_installed_id_is_registered():
    assert "SML-Math-v0" in sml_gym.env_ids()
    assert all(env_id in gym.registry for env_id in sml_gym.env_ids())


def test_a_class_that_is_no_domain_is_refused(spelling_id):
    with pytest.raises(ConfigError, match="no subclass of"):
        sml_gym.env_class("CartPole-v1")
