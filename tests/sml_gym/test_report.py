"""Pages that trust no text, and plots."""

import base64
import hashlib
import html
import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from sml_gym import ConfigError, Episode, Speaker, StopReason, Turn, Utterance, UtteranceKind, write_episodes
from sml_gym.report.plots import learning_plot, read_metrics, solve_plot
from sml_gym.report.results import results_table, text_table
from sml_gym.report.viewer import Picture, Table, dialogue_page, find_episodes, solved_share
from sml_gym.text import shorten, visible
from sml_gym.verdict import Outcome

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus=alert(1) '",
    "<!-- --><![CDATA[ ]]></details></main></body></html>",
    "<style>*{display:none}</style><base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "javascript:alert(1) $script ${script} $$ %s {0} {{x}}",
    "\ud800 lone \udfff surrogates \x00 \x1b[31m \u202e reversed \u2028 line \ufeff",
    "&lt;b&gt; &amp;amp; &#60;script&#62;",
]


def episode(text: str = "Hello", **changes) -> Episode:
    student = Utterance(Speaker.STUDENT, text, UtteranceKind.ATTEMPT)
    fields = {
        "env_id": "Toy-v0",
        "task_id": "toy:1",
        "split": "test",
        "opening": "What is 1 + 1?",
        "turns": [Turn(student, Outcome.INCORRECT, text, text, ("toy.fact",))],
        "stop_reason": StopReason.TURN_LIMIT,
        "reward": 0.0,
        "seed": 7,
        "teacher": "scripted:2",
        "student": "toy",
        "max_turns": 1,
        "family": "sums",
        "level": 2,
        "private": {"answer": "CANARY-2", "solution": "1 and 1 make 2."},
        "usage": {"student_tokens": 5},
    }
    return Episode(**{**fields, **changes})


class Reader(HTMLParser):
    """Collects elements, attributes and the text within each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("meta", "input", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"unbalanced: {tag}"

    def handle_data(self, data):
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data


def check_harmless(page: str) -> Reader:
    """One script and one style, both by hash; no event handlers; nothing from elsewhere."""
    page.encode("utf-8")
    reader = Reader(page)
    assert reader.open == []
    assert reader.tags.count("script") == 1
    assert reader.tags.count("style") == 1
    assert reader.tags.count("meta") == 4
    assert not {"base", "iframe", "object", "embed", "link", "form", "svg"} & set(reader.tags)
    for tag, name, value in reader.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("href", "style", "srcset", "action")
        if name == "src":
            assert (value or "").startswith("data:image/png;base64,")
    policy = next(v for _, n, v in reader.attributes if n == "content" and v and "default-src" in v)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(reader.text[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    return reader


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text):
    hostile = episode(
        text,
        opening=text,
        error=text,
        family=text,
        teacher=text,
        student=text,
        task_id=text,
        private={text: text, "answer": text},
        usage={text: 1},
        stop_reason=StopReason.TEACHER_FAILED,
        reward=None,
    )
    table = Table(text, [text, "b"], [[text, (text, text)]], text)
    page = dialogue_page({text: [hostile, episode()]}, title=text, lead=text, sections=[table])
    reader = check_harmless(page)
    assert visible(text) in reader.text["p"]
    assert html.escape(visible(text)) in page


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_text_is_only_text(text):
    reader = check_harmless(dialogue_page({"set": [episode(text)]}))
    # The parser, as a browser, reads no carriage return; it is shown by its code.
    assert visible(text) in reader.text.get("p", "")


def test_what_was_private_lies_behind_a_fold():
    page = dialogue_page({"set": [episode()]})
    assert page.count("CANARY-2") == 1
    fold = page.index('<details class="private">')
    assert fold < page.index("CANARY-2") < page.index("</details>", fold)
    assert "toy.fact" in page[fold:]
    assert " open" not in page[page.index("<main>") : page.index("</main>")].replace("opening", "")


def noted(**notes) -> Episode:
    one = episode()
    one.turns[0].notes = notes
    return one


def test_what_was_done_to_a_reply_is_named_and_its_words_before_are_private():
    guard = {"policy": "redact", "leak": True, "original": "It is CANARY-2!", "spans": [[6, 14, "number"]]}
    truth = {"kind": "toy.low", "slots": {"place": "tens"}}
    noise = {"rate": 0.5, "replaced": [{"truth": truth, "told": {**truth, "kind": "toy.high"}}], "left": []}
    held = noted(guard=guard, noise=noise, cut_from=1_000_000)
    held.teacher_record = {"model": "m-1", "prompt": {"version": "abc123"}, "controls": [{"kind": "noisy"}]}
    held.usage = {
        "student_tokens": 5,
        "teacher_cost": 0.0012,
        "teacher_requests": 2,
        "judge_cost": 1e-7,
        "odd": 3,
    }
    page = dialogue_page({"set": [held]})
    fold = page.index('<details class="private">')
    assert "guard: leak, redact, noise, cut at its limit" in page[:fold]
    assert "CANARY-2" not in page[:fold]
    for words in (
        "original: It is CANARY-2!",
        "truth: toy.low(place=tens)",
        "told: toy.high(place=tens)",
        "the reply had 1000000 characters",
        "model: m-1",
        "version: abc123",
        "teacher: cost 0.0012, requests 2",
        "judge: cost 1e-07",
        "odd: 3",
    ):
        assert words in page[fold:]
    clean = dialogue_page({"set": [noted(guard={"policy": "redact", "leak": False})]})
    assert "guard" not in clean.replace("scripted", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_and_records_are_only_text(text):
    deep: object = text
    for _ in range(300):
        deep = {text: [deep]}
    held = noted(
        **{
            text: {text: [text, {"kind": text, "slots": {text: text}}]},
            "guard": {"leak": text, "policy": text},
        }
    )
    held.turns[0].notes["deep"] = deep
    held.turns[0].notes["long"] = [text * 1_000] * 100
    held.turns[0].notes["null"] = None
    held.turns[0].notes["cut_from"] = text
    held.teacher_record = {text: {text: text}}
    held.usage = {f"teacher_{text}": 1.5}
    page = dialogue_page({"set": [held]})
    check_harmless(page)
    assert len(page) < 100_000
    assert html.escape(visible(text)) in page


def test_the_table_shows_leaks_and_costs_where_there_are_any():
    plain = summary(0.2)
    assert "leaks" not in text_table(results_table({"x": plain}))
    rich = summary(0.2)
    rich["real"] = rich["real"] | {
        "leak_rate": {"value": 0.125, "ci95": [0.0, 0.25], "n_tasks": 8},
        "usage_per_dialogue": {"teacher": {"cost": 0.002, "input_tokens": 300.0, "output_tokens": 41.6}},
        "failures": {"leaked": 2, "undecided": 1},
    }
    table = results_table({"x": rich})
    lines = [" ".join(line.split()) for line in text_table(table).split("\n")]
    assert lines[0].endswith("turns to solve leaks teacher tokens cost")
    assert lines[2].endswith("3.2 0.12 [0.00, 0.25] 342 0.00200")
    assert lines[3].endswith("3.2 - - -")
    assert "4 dialogues broke off (leaked 2, teacher_failed 2)" in table.note
    assert "1 dialogues are undecided" in table.note
    assert len({len(row) for row in table.rows}) == 1


def test_cards_say_how_dialogues_ended():
    right = Turn(Utterance(Speaker.STUDENT, "2", UtteranceKind.ATTEMPT), Outcome.CORRECT, "2", "Yes.")
    asks = Turn(Utterance(Speaker.STUDENT, "Why?", UtteranceKind.QUESTION), Outcome.NO_ATTEMPT, None, "So.")
    cut = Turn(
        Utterance(Speaker.STUDENT, "So", UtteranceKind.DISCUSSION, truncated=True),
        Outcome.NO_ATTEMPT,
        None,
        None,
    )
    page = dialogue_page(
        {
            "a": [
                episode(turns=[asks, right], stop_reason=StopReason.SOLVED, reward=1.0),
                episode(),
                episode(turns=[cut], stop_reason=StopReason.TEACHER_FAILED, reward=None, error="It broke."),
            ]
        }
    )
    for words in (
        ">solved in 2<",
        ">unsolved<",
        ">failed<",
        "It broke.",
        "question, no attempt",
        "discussion, no attempt, cut at its limit",
        "correct, read as 2",
    ):
        assert words in page
    assert [re.search(rf'data-outcome="{o}"', page) is not None for o in ("solved", "unsolved", "failed")]
    assert '<option value="failed">' in page


def test_filters_offer_what_differs():
    page = dialogue_page(
        {
            "x": [episode(family="sums"), episode(family="gcd")],
            "y": [episode(family="sums", teacher="silent")],
        }
    )
    for value in ("sums", "gcd", "silent", "x", "y"):
        assert f'<option value="{value}">' in page
    alone = dialogue_page({"x": [episode()]})
    assert 'name="family"' not in alone
    assert 'name="outcome"' in alone


def test_the_limit_takes_evenly_and_says_so():
    page = dialogue_page({"a": [episode()] * 100, "b": [episode()] * 3}, limit=10)
    assert page.count('data-set="a"') == 7
    assert page.count('data-set="b"') == 3
    assert "The first 10 of 103 dialogues" in page
    with pytest.raises(ConfigError, match="limit is 0"):
        dialogue_page({}, limit=0)


def test_thousands_of_dialogues_make_a_page_of_reasonable_size():
    page = dialogue_page({"a": [episode()] * 3_000}, limit=3_000)
    assert page.count('<details class="card') == 3_000
    assert len(page) < 8_000_000


def test_an_empty_page_is_a_page():
    check_harmless(dialogue_page({}))
    assert solved_share([]) == "0 of 0 solved"


def test_folders_are_searched_for_episodes_alone(tmp_path):
    write_episodes(tmp_path / "a.jsonl", [episode()])
    (tmp_path / "deep").mkdir()
    write_episodes(tmp_path / "deep" / "b.jsonl", [episode("\ud800")])
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n')
    (tmp_path / "empty.jsonl").write_text("")
    assert list(find_episodes(tmp_path)) == ["a", "deep/b"]
    assert list(find_episodes(tmp_path / "a.jsonl")) == ["a"]
    (tmp_path / "a.jsonl").write_text('{"env_id": "x", "opening": "y"\n{}\n')
    with pytest.raises(ConfigError, match=r"a\.jsonl, line 1"):
        find_episodes(tmp_path)


def test_pictures_are_in_the_page():
    png = solve_plot({"before": summary(0.2), "after": summary(0.9)})
    reader = check_harmless(dialogue_page({}, sections=[Picture("A <b>plot</b>", png, "caption")]))
    source = next(value for tag, name, value in reader.attributes if (tag, name) == ("img", "src"))
    assert base64.b64decode(source.partition(",")[2]) == png


def summary(level: float | None) -> dict:
    values = [None if level is None else level * k / 10 for k in range(1, 11)]
    teacher = {
        "solve_at": values,
        "ci95": [None if v is None else [max(0, v - 0.1), min(1, v + 0.1)] for v in values],
        "failures": {"teacher_failed": 1},
        "turns_to_solve": {"value": None if level is None else 3.25, "ci95": None, "n_tasks": 1},
    }
    gain = {"value": level, "ci95": None if level is None else [0.1, 0.2], "n_tasks": 10}
    return {"real": teacher, "placebo": teacher, "scripted:3": teacher, "feedback_gain": gain}


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_plots_are_pictures():
    width, height = size(solve_plot({"before": summary(0.2), "after": summary(0.9)}, "Title"))
    assert width > height > 300
    size(solve_plot({"nothing": summary(None)}))  # no value: an empty panel, no crash
    rows = [{"step": i, "return": i / 9, "solve@1": 0.0, "solve@4": 0.5, "kl": None} for i in range(9)]
    narrow = size(learning_plot(rows))
    assert narrow == size(learning_plot([row | {"turns_to_solve": 2.0} for row in rows]))
    assert learning_plot(rows) == learning_plot(rows)
    with pytest.raises(ConfigError, match=r"metrics\.jsonl"):
        learning_plot([{"step": 1, "loss": 2.0}])


def test_one_step_is_seen_in_the_learning_plot():
    picture = learning_plot([{"step": 1, "solve@1": 0.5}])
    pixels = imread(BytesIO(picture))[:, 500:1000, :3]  # beside the legend
    assert (pixels.max(2) - pixels.min(2) > 0.3).sum() > 50


def test_metrics_are_read_up_to_the_cut(tmp_path):
    file = tmp_path / "metrics.jsonl"
    file.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert read_metrics(file) == [{"step": 1}, {"step": 2}]
    file.write_text('{"step": 1}\n{"ste\n{"step": 3}\n')
    with pytest.raises(ConfigError, match="line 2"):
        read_metrics(file)
    with pytest.raises(ConfigError, match="Check the path"):
        read_metrics(tmp_path / "none.jsonl")


def test_the_table_has_a_row_for_each_teacher():
    table = results_table({"before": summary(0.2), "after": summary(None)})
    lines = text_table(table).split("\n")
    assert " ".join(lines[0].split()) == "student teacher solve@1 solve@4 solve@10 turns to solve"
    assert (
        " ".join(lines[2].split()) == "before real 0.02 [0.00, 0.12] 0.08 [0.00, 0.18] 0.20 [0.10, 0.30] 3.2"
    )
    assert " ".join(lines[5].split()) == "before feedback gain 0.20 [0.10, 0.20]"
    assert " ".join(lines[6].split()) == "after real - - - -"
    assert "6 dialogues broke off" in table.note
    assert len({len(row) for row in table.rows}) == 1


def test_visible_shows_what_hides():
    assert visible("a\tb\nc\r\nd") == "a\tb\nc\nd"
    assert visible("\r\x00\u202e\ud800") == "⟨U+000D⟩⟨U+0000⟩⟨U+202E⟩⟨U+D800⟩"
    assert visible("Ünïcödé 数学 ∫") == "Ünïcödé 数学 ∫"


def test_shorten_is_one_line():
    assert shorten("a\n b", 10) == "a b"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
    assert len(shorten("word " * 10_000, 80)) <= 80
