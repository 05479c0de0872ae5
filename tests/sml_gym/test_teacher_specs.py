"""Names of teachers: read, refused with the remedy, read again, listed."""

from __future__ import annotations

import contextlib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import ConfigError, make_teacher
from sml_gym.cli.eval import COMMAND
from sml_gym.cli.options import parse
from sml_gym.teachers import specs, teacher_kinds
from sml_gym.teachers.specs import MAX_SPEC_CHARS, MAX_SPEC_DEPTH, split_spec

LEAVES = ("scripted:0", "scripted:3", "binary", "silent", "retry", "human:binary")
WRAPPERS = (
    "placebo",
    "shuffled",
    "delayed(3)",
    "noisy(0.25)",
    "withholding(1)",
    "terse",
    "verbose",
    "types(reward+future_negative)",
)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("scripted", "scripted:2"),
        ("scripted(1)", "scripted:1"),
        (" noisy( 0.20 ) ", "noisy(0.2):scripted:2"),
        ("noisy(1.0):retry", "noisy(1):retry"),
        ("noisy(1e-3)", "noisy(0.001):scripted:2"),
        ("delayed(02):binary", "delayed(2):binary"),
        ("types(future_positive+reward)", "types(reward+future_positive):scripted:3"),
        ("terse", "terse:scripted:2"),
        ("human", "human"),
        ("human:noisy(0.5)", "human:noisy(0.5):scripted:2"),
    ],
)
def test_names(spec, name):
    assert make_teacher(spec).name in (name, f"guard(redact):{name}")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(WRAPPERS), max_size=5), st.sampled_from(LEAVES[:4]))
def test_a_name_can_be_read_again(wrappers, leaf):
    spec = ":".join([*wrappers, leaf])
    assert make_teacher(spec).name == spec


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 1))
def test_every_rate_survives_its_name(rate):
    from sml_gym.teachers.noise import NoisyTeacher

    assert make_teacher(NoisyTeacher(make_teacher("retry"), rate).name).rate == rate


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "no name"),
        (":", "no name"),
        ("(0.2)", "no name"),
        ("noisy", "probability"),
        ("noisy()", "probability"),
        ("noisy(2)", "probability"),
        ("noisy(-0.1)", "probability"),
        ("noisy(nan)", "probability"),
        ("noisy(1e999)", "probability"),
        ("noisy(0.2.3)", "probability"),
        ("noisy(٠.٢)", "probability"),
        ("noisy(0,2)", "probability"),
        ("noisy:", "colon"),
        ("noisy(0.2):", "colon"),
        ("placebo:noisy(0.2):", "colon"),
        ("noisy(0.2", "do not close"),
        ("noisy((0.2)", "do not close"),
        ("noisy0.2)", "no name"),
        ("noisy(0.2))", "no name"),
        ("noisy(0.2)scripted", "no name"),
        ("nosy(0.2)", "Did you mean 'noisy'"),
        ("delayed(x)", "whole number"),
        ("delayed(-1)", "whole number"),
        ("delayed(1.5)", "whole number"),
        ("delayed(99999999999999999999)", "whole number"),
        ("withholding(often)", "probability"),
        ("placebo(2)", "no options"),
        ("terse(1):scripted", "no options"),
        ("silent(3)", "no argument"),
        ("retry:scripted", "no argument"),
        ("types()", "Unknown type"),
        ("types(praise):scripted", "Unknown type"),
        ("types(reward,future_positive)", "Unknown type"),
        ("cached", "file"),
        ("cached()", "file"),
        ("cached(,only)", "file"),
        ("scripted:9", "informativeness"),
        ("scripted:high", "informativeness"),
        ("scripted(1):2", "informativeness"),
        ("noisy(0.1):nobody", "Unknown teacher 'nobody'"),
        ("human(x)", "no options"),
    ],
)
def test_nonsense_is_refused_with_the_remedy(spec, words):
    with pytest.raises(ConfigError, match=words.replace("(", r"\(")) as caught:
        make_teacher(spec)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "spec",
    [
        "placebo:" * 100_000 + "scripted",
        "placebo:" * 400 + "scripted",
        "noisy(" * 50_000,
        "noisy(" + "(" * 2_000 + ")" * 2_000 + ")",
        "x" * 1_000_000,
    ],
)
def test_long_and_deep_names_are_refused_without_recursion(spec):
    before = sys.getrecursionlimit()
    with pytest.raises(ConfigError) as caught:
        make_teacher(spec)
    assert len(str(caught.value)) < 1000 and sys.getrecursionlimit() == before


def test_the_deepest_name_that_is_allowed_works():
    deepest = "placebo:" * (MAX_SPEC_DEPTH - 1) + "scripted:2"
    assert len(deepest) < MAX_SPEC_CHARS and make_teacher(deepest).name == deepest
    with pytest.raises(ConfigError, match="Put fewer"):
        make_teacher(f"placebo:{deepest}")


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="anoisy(): 0.2_", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_teacher_or_a_config_error(spec):
    with contextlib.suppress(ConfigError):
        assert make_teacher(spec).name


def test_a_path_may_begin_like_a_kind():
    spec = "openai:silent/noisy:7b@http://127.0.0.1:9/v1"
    assert make_teacher(f"guard(off):{spec}").name == f"guard(off):{spec}"


def test_options_may_hold_brackets_and_colons():
    assert split_spec("cached(runs/a (1)/c:d.sqlite,only):noisy(0.2):x") == (
        "cached",
        "runs/a (1)/c:d.sqlite,only",
        "noisy(0.2):x",
    )


def test_names_with_commas_stand_in_lists_on_the_command_line():
    names = ["cached(a,only):types(reward+future_positive)", "real", "noisy(0.2)"]
    assert list(parse(COMMAND, "eval", ["--teachers", ",".join(names)]).teachers) == names


def test_every_kind_is_listed_with_a_summary_and_stands_in_the_module_s_docstring():
    kinds = teacher_kinds()
    assert len({kind.name for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.summary and "\n" not in kind.summary and kind.form.startswith(kind.name)
    for kind in specs._BUNDLED:
        assert kind.name in specs.__doc__


def test_a_package_brings_its_own_kind(monkeypatch, tmp_path):
    package = tmp_path / "polite_teachers-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: polite-teachers\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[sml_gym.teachers]\npolite = polite_teachers:build\nbroken = no_such_module:build\n"
        "silent = polite_teachers:build\n"
    )
    (tmp_path / "polite_teachers.py").write_text(
        "from sml_gym import Feedback\n"
        "from sml_gym.teachers import WrappedTeacher, build_teacher\n"
        "class Polite(WrappedTeacher):\n"
        "    def change_replies(self, contexts, replies):\n"
        "        return [Feedback('Please: ' + reply.text) for reply in replies]\n"
        "def build(options, rest):\n"
        "    return Polite(build_teacher(rest), 'polite')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    teacher = make_teacher("withholding(0):polite:retry")
    assert teacher.name == "withholding(0):polite:retry"
    assert {kind.name: kind.summary for kind in teacher_kinds()}["polite"] == "(from polite-teachers)"
    assert make_teacher("silent").name == "silent"  # a package cannot take a bundled kind's place
    with pytest.raises(ConfigError, match="no_such_module"):
        make_teacher("broken")
