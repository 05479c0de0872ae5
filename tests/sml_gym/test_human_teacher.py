"""A person as the teacher: what they see, what is heard, and that nothing shown can steer the terminal."""

from __future__ import annotations

import io
import os
import pty

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_envs.math import MathEnv
from sml_gym import Feedback, ScriptedTeacher, StopReason, TeacherError, make_teacher
from sml_gym.teachers.human import HumanTeacher
from sml_gym.teachers.telling import TerseTeacher, TypesTeacher


def teach(typed, said, wrap=lambda teacher: teacher, **options):
    out = io.StringIO()
    teacher = wrap(HumanTeacher(ScriptedTeacher(3), io.StringIO(typed), out))
    env = MathEnv(teacher=teacher, families=["word_problem"], max_turns=len(said), **options)
    env.reset(seed=2)
    for text in said:
        if env.stop_reason is None:
            env.step(text)
    return env, out.getvalue()


def test_a_person_sees_what_is_private_and_the_student_hears_only_their_words():
    env, shown = teach("Look again.\n\n", ["Final answer: 1", "What is the next step?"])
    reference = env.task.private.reveal()
    assert env.task.problem in shown and f"private answer: {reference.answer}" in shown
    assert "Student tries: Final answer: 1" in shown and "Student asks: What is the next step?" in shown
    assert "verdict: incorrect (read: 1)" in shown and "fact: verdict.incorrect" in shown
    assert "Student heard: Look again." in shown
    heard = [utterance.text for utterance in env.dialogue][2::2]
    suggestion = ScriptedTeacher(3)
    assert heard[0] == "Look again."
    assert f"suggestion: {heard[1]}" in shown  # an empty line says it
    assert env.episode(student="t").turns[1].facts and suggestion.name == "scripted:3"


def test_the_end_of_input_ends_this_dialogue_and_keeps_what_was_said_in_others():
    teacher = HumanTeacher(ScriptedTeacher(), io.StringIO("One.\n"), io.StringIO())
    env = MathEnv()
    env.reset(seed=0)
    context = env.hear("Final answer: 1")
    first, second, third = teacher.reply([context] * 3)
    assert first.text == "One."
    assert all(isinstance(e, TeacherError) and "has left" in str(e) for e in (second, third))
    ended, _ = teach("", ["hm"])
    assert ended.stop_reason is StopReason.TEACHER_FAILED and "has left" in ended.error


def test_input_that_cannot_be_read_is_a_teachers_error():
    closed = io.StringIO()
    closed.close()
    broken = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    for source in (closed, broken):
        env = MathEnv(teacher=HumanTeacher(ScriptedTeacher(), source, io.StringIO()))
        env.reset(seed=0)
        env.step("hm")
        assert env.stop_reason is StopReason.TEACHER_FAILED and "cannot be read" in env.error


def test_at_a_real_terminal():
    """Through a pseudo-terminal: long lines, keys that are no letters, Enter, and Ctrl-D."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, b"a" * 2000 + b"\n\x1b[31mred \xc3\xa9\n\n\x04")
    with os.fdopen(terminal, encoding="utf-8") as stdin, os.fdopen(keyboard, "rb", buffering=0):
        env = MathEnv(teacher=HumanTeacher(ScriptedTeacher(), stdin, io.StringIO()), max_turns=9)
        env.reset(seed=0)
        heard = [env.step("hm")[0] for _ in range(3)]
        assert heard[:2] == ["a" * 2000, "\x1b[31mred é"] and "final answer" in heard[2]
        env.step("hm")
    assert env.stop_reason is StopReason.TEACHER_FAILED and "has left" in env.error


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_nothing_that_a_student_says_reaches_the_terminal_raw(text):
    _, shown = teach("ok\n", [text + "\x1b[2J\u202e\x07"])
    shown.encode("utf-8")
    assert not {*shown} & {chr(c) for c in (*range(9), *range(11, 32), 127, *range(128, 160), 0x202E)}


def test_a_terminal_with_few_characters_is_no_error():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    env = MathEnv(teacher=HumanTeacher(ScriptedTeacher(), io.StringIO("ok\n"), out))
    env.reset(seed=0)
    env.step("数 ≠ ∞")
    out.flush()
    assert env.error == "" and b"\\u6570" in out.buffer.getvalue()


def test_knobs_around_a_person_are_shown():
    _, shown = teach(
        "ok\n", ["hm"], lambda inner: TypesTeacher(TerseTeacher(inner), ["reward", "future_positive"])
    )
    assert "these types of feedback only: reward, future_positive" in shown
    assert "asked to be terse" in shown


def test_what_a_guard_refused_is_shown_and_asked_again():
    from sml_gym.teachers.guard import Guard

    probe, _ = teach("ok\n", ["hm"])
    answer = probe.task.private.reveal().answer
    env, shown = teach(
        f"The answer is {answer}.\nNo, try again.\n",
        ["Final answer: 1"],
        lambda inner: Guard(inner, "regenerate"),
    )
    assert "refused your words" in shown and f"  The answer is {answer}." in shown
    assert env.dialogue.utterances[-1].text == "No, try again."


def test_a_suggestion_that_was_refused_is_not_offered_again():
    env = MathEnv(teacher="scripted:3")
    env.reset(seed=0)
    context = env.hear("Final answer: 1")
    from dataclasses import replace

    hint = ScriptedTeacher(3).reply([context])[0].text
    teacher = HumanTeacher(ScriptedTeacher(3), io.StringIO("\n"), io.StringIO())
    assert teacher.reply([replace(context, rejected=(hint,))]) == [Feedback("Go on.")]


def test_a_helper_that_fails_leaves_the_person_alone():
    class Broken:
        name = "broken"

        def reply(self, contexts):
            raise RuntimeError("no")

    out = io.StringIO()
    env = MathEnv(teacher=HumanTeacher(Broken(), io.StringIO("Mine.\n"), out))
    env.reset(seed=0)
    assert env.step("hm")[0] == "Mine." and "no suggestion" in out.getvalue()


@pytest.mark.parametrize("spec", ["human", "human:silent", "human:noisy(0.5):scripted:3"])
def test_by_name(spec, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Well done.\n"))
    env = MathEnv(teacher=spec)
    env.reset(seed=0)
    assert env.step("hm")[0] == "Well done."
    assert make_teacher(env.teacher.name).name == env.teacher.name
