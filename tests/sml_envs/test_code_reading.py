"""Which program an utterance commits to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_envs.code.reading import fenced_blocks, read_program
from sml_envs.code.source import MAX_CODE_CHARS, read_source
from sml_gym import UtteranceKind

CODE = "def f(x):\n    return x"
OTHER = "def g(x):\n    return 2"
ATTEMPT, QUESTION, DISCUSSION = UtteranceKind.ATTEMPT, UtteranceKind.QUESTION, UtteranceKind.DISCUSSION

ATTEMPTS = {
    "a marked block": f"Here you are:\n```python\n{CODE}\n```\nIs that right?",
    "py": f"```py\n{CODE}\n```",
    "Python with more words": f"``` Python title=x\n{CODE}\n```",
    "tildes": f"~~~python\n{CODE}\n~~~",
    "four backticks": f"````python\n{CODE}\n````",
    "no mark": f"```\n{CODE}\n```",
    "no closing fence": f"Sure.\n```python\n{CODE}",
    "a closing fence on the last line": f"```python\n{CODE}```",
    "the last of several": f"```python\ndef f(x): pass\n```\nNo, better:\n```python\n{CODE}\n```",
    "a block before one that only uses it": f"```python\n{CODE}\n```\nUse:\n```python\nprint(f(3))\n```",
    "output after it": f"```python\n{CODE}\n```\nIt prints\n```text\ndef f(x): 3\n```",
    "a shell block after it": f"```python\n{CODE}\n```\n```bash\npython f.py\n```",
    "an unmarked block of output after it": f"```python\n{CODE}\n```\n```\n[1, 2]\n```",
    "indented": "1. Do this:\n   ```python\n   def f(x):\n       return x\n   ```",
    "quoted": "> ```python\n> def f(x):\n>     return x\n> ```",
    "final answer with a block": f"Final answer:\n```python\n{CODE}\n```",
    "final answer without a block": f"I think so. Final answer: {CODE}",
    "final answer on the next line": f"**Final answer:**\n{CODE}",
    "a final answer that points at the block": f"```python\n{CODE}\n```\nFinal answer: the code above.",
    "nothing but code": CODE,
    "code between words": f"Here is the function:\n\n{CODE}\n\nIt gives back what it gets. Is that right?",
    "the last of two without fences": f"def f(x):\n    return 0\n\nNo, this is better:\n\n{CODE}\nYes.",
    "Windows line ends": f"```python\r\n{CODE}\r\n```",
}


@pytest.mark.parametrize("text", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_the_program_is_found(text: str) -> None:
    reading = read_program(text, "f")
    assert (reading.kind, reading.malformed) == (ATTEMPT, "")
    assert [line.strip() for line in str(reading.answer).splitlines()] == ["def f(x):", "return x"]
    assert not read_source(str(reading.answer)).problem


def test_nothing_but_code_after_a_final_answer_counts_even_after_a_block() -> None:
    reading = read_program(f"```python\ndef f(x):\n    return 0\n```\nFinal answer: {CODE}", "f")
    assert reading.answer == CODE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", DISCUSSION),
        ("What does the function have to do with an empty list?", QUESTION),
        ("Can I use `sorted`?", QUESTION),
        ("I will use a loop.", DISCUSSION),
        ("Why does this give None?\n```python\nxs.sort()\n```", QUESTION),
        ("\\boxed{7}", DISCUSSION),
        ("```text\ndef f(x): 3\n```", DISCUSSION),
        ("```\n[1, 2]\n```", DISCUSSION),
        ("def is a word of Python, and so is f.", DISCUSSION),
        ("x = 3", DISCUSSION),
        ("I would begin with def f(x): and then a loop.", DISCUSSION),
        ("Should I write\n\ndef g(x):\n    return x\n\nfirst?", QUESTION),
        ("def f(x) is what I have to write.\nimport is not needed.", DISCUSSION),
    ],
)
def test_what_is_no_attempt(text: str, kind: UtteranceKind) -> None:
    assert read_program(text, "f").kind is kind


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"```python\n{OTHER}\n```", OTHER),
        ("```python\ndef f(:\n```", "def f(:"),
        ("Final answer: 42", "42"),
        ("```python\nx = 3\n```", "x = 3"),
    ],
)
def test_attempts_that_do_not_hold_the_function_are_attempts(text: str, answer: str) -> None:
    reading = read_program(text, "f")
    assert (reading.kind, reading.answer) == (ATTEMPT, answer)


def test_empty_and_endless_code_is_malformed() -> None:
    assert read_program("```python\n\n```", "f").malformed == "there is no code in it"
    assert (
        read_program("```python\n# f" + "x" * MAX_CODE_CHARS + "\n```", "f").malformed
        == "the code is too long"
    )


def test_a_whole_program_needs_no_function() -> None:
    assert read_program("```python\nprint(input())\n```", "").answer == "print(input())"
    assert read_program("```\nprint(input())\n```", "").answer == "print(input())"
    assert read_program("```\nInput: 3 4\n```", "").kind is DISCUSSION
    assert read_program("import sys\nprint(sys.stdin.read())", "").kind is ATTEMPT


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["```", "````", "~~~", "python\n", "\n", "def f(x): pass", "x", " ", "final answer: ", ">", "?"]
        )
    )
)
def test_any_mixture_of_fences_is_read(parts: list[str]) -> None:
    text = "".join(parts)
    reading = read_program(text, "f")
    assert reading.kind is not ATTEMPT or reading.answer is not None
    assert "".join(block.code for block in fenced_blocks(text)) in text or len(fenced_blocks(text)) > 1


HOSTILE = {
    "parentheses": "(" * 10**6,
    "signs": "-" * 16_000 + "1",
    "attributes": "a" + ".b" * 8_000,
    "a sum": "1" + "+1" * 8_000,
    "nots": "not " * 4_000 + "1",
    "calls": "f" + "()" * 8_000,
    "powers": "**".join(["1"] * 5_000),
    "indentation": "".join(" " * n + "if 1:\n" for n in range(150)) + " " * 150 + "pass",
    "f-strings": "f'{" * 200,
    "a null byte": "x = 1\0",
    "a surrogate": "x = '\udc80'",
    "a long number": "x = " + "9" * 10_000,
    "a bad escape": "x = '\\d'",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_breaks_the_parser(code: str) -> None:
    source = read_source(code)
    assert isinstance(source.problem, str)
    assert source.problem.isprintable()
    read_program(f"```python\n{code}\n```", "f")
    read_program(f"```\n{code} f\n```", "f")


def test_what_a_program_defines_is_told_without_running_it() -> None:
    source = read_source(
        "import os as system\nif True:\n    late = lambda x: x\nclass A:\n    def m(self, a, b=1): return a\n"
        "def f(a, /, b, *rest, c=2):\n    print(a)\n"
    )
    assert source.names == {"system", "late", "A", "f"}
    assert source.methods["A.m"].parameters == ("a", "b")
    function = source.functions["f"]
    assert (function.parameters, function.required, function.anything) == (("a", "b"), 2, True)
    assert (function.prints, function.returns) == (True, False)
