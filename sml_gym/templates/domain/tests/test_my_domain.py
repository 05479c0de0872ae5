"""The contract of an sml_gym domain, and what this one promises beyond it."""

import gymnasium as gym
import pytest

import sml_gym  # registers the installed domains
from sml_gym.testing import check_env

ENV_ID = "MyDomain-v0"


def test_the_domain_is_found_and_keeps_the_contract():
    """The contract: the checks of sml_gym try to break the domain."""
    assert ENV_ID in sml_gym.env_ids(), "install the package first: pip install -e ."
    check_env(gym.make(ENV_ID))


# Replace this: one case for each fact that your diagnosis can find.
@pytest.mark.parametrize(
    ("off", "says"), [(-1, "my_domain.low"), (1, "my_domain.high"), (10_000, "my_domain.far")]
)
def test_what_the_teacher_can_say_of_a_wrong_answer(off, says):
    """Each kind of error is found."""
    env = gym.make(ENV_ID, teacher="scripted:3").unwrapped
    env.reset(seed=0)
    answer = int(env.task.private.reveal().answer)
    examined = env.examine(env.task, f"Final answer: {answer + off}")
    assert says in [fact.kind for fact in examined.diagnosis.facts]


def test_a_student_who_is_told_the_next_step_is_not_told_the_answer():
    """Help stops short of the answer."""
    env = gym.make(ENV_ID, teacher="scripted:3").unwrapped
    for seed in range(20):
        env.reset(seed=seed)
        feedback = env.step("What is the next step?")[0]
        assert env.task.private.reveal().answer not in feedback.split()
