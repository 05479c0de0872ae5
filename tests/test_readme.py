"""The README's code runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gymnasium as gym
from chat_server import ChatServer, say

import sml_gym
from sml_gym.testing import check_env

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TEACHERS = (Path(sml_gym.__file__).parent / "teachers/README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_an_environment_in_ten_lines(capsys):
    code = next(block for block in BLOCKS if "gym.make(" in block)
    assert len(code.splitlines()) <= 10
    exec(compile(code, "README", "exec"), {})  # noqa: S102  (our own text, not a model's)
    assert "Teacher:" in capsys.readouterr().out


def test_an_own_domain_in_twenty_conforms():
    code = next(block for block in BLOCKS if "(SMLEnv)" in block)
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    namespace: dict[str, object] = {}
    exec(compile(code, "README", "exec"), namespace)  # noqa: S102
    check_env(namespace["SpellingEnv"]())


def test_the_teachers_in_the_readme_about_them_teach():
    """A model behind a server, and one of one's own."""
    chat, own = re.findall(r"```python\n(.*?)```", TEACHERS, re.DOTALL)
    with ChatServer([say("Look at the sum.")]) as server:
        namespace: dict[str, Any] = {"gym": gym}
        exec(compile(chat.replace("http://127.0.0.1:8000/v1", server.url), "README", "exec"), namespace)  # noqa: S102
        namespace["env"].reset(seed=0)
        assert namespace["env"].step("Where?")[0] == "Look at the sum."
    exec(compile(own, "README", "exec"), namespace := {})  # noqa: S102
    env = gym.make("SML-Math-v0", teacher=namespace["Echo"]())
    env.reset(seed=0)
    assert env.step("Hello")[0] == "You said: Hello. Check it."


def test_the_readme_leaves_no_gap():
    assert "@@" not in README
    for link in re.findall(r"\]\(([^)#]+)", README):
        assert link.startswith("http") or (Path(__file__).parent.parent / link).exists(), link
