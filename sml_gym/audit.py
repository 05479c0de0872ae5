"""Is this teacher any good? What it says held against the truth, and what it is worth to a fixed student.

A student holds the same dialogues with the audited teacher and with `binary`, which says only whether
an attempt is right. The measures, each with a 95% bootstrap interval over tasks:

- truthfulness: of the claims in the words whose truth is known, the share that is true
  (`sml_gym.claims` says which claims are read and who judges them). Advice claims nothing.
- helpfulness: solve@k under the teacher minus solve@k under `binary`, paired by task.
- leaks: the share of the replies to unsolved attempts and questions that give the private answer
  away, by the rules of `sml_gym.leaks` over the words that the student heard; and apart, where a guard
  stands around the teacher, the share of the replies of which it refused a draft.
- answered: the share of the questions that got an answer. A teacher that names its facts has answered
  if one of them says more than correctness about the question; words without facts are an answer if
  anything is left when brush-offs ("Go on.", "I cannot say") and verdicts are taken away.
- length: characters and, where they are counted, tokens of a reply.
- cost: what the teacher has used per dialogue, and apart what the judge of its guard has.
- latency: seconds until a reply is there, the median and the 95th percentile. The replies of a batched
  call come together, so each counts with the duration of its whole call.
- agreement: the same utterance in the same dialogue is answered again under another teacher seed;
  of the pairs of replies in which at least one makes a claim, the share in which both claim the same.
  Claims are compared, not words: a kind of fact with its slots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sml_gym.claims import Claim, ClaimReader
from sml_gym.dialogue import Dialogue, Speaker, Utterance, UtteranceKind
from sml_gym.episode import Episode, Turn, posing
from sml_gym.errors import BudgetSpent, ConfigError, RolloutError
from sml_gym.evaluation import Plan
from sml_gym.latency import TimedTeacher, latency
from sml_gym.metrics import Estimate, failures, feedback_gain, leak_rate, ratio, solve_at, usage
from sml_gym.replay import examine_turn, find_task
from sml_gym.rollout import Student
from sml_gym.seeding import stable_hash
from sml_gym.task import Task
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Examination, Feedback, TeachingContext, bind_teacher
from sml_gym.teachers.guard import leaks_in
from sml_gym.verdict import Informativeness

AUDITED, BASELINE = "audited", "binary"
"""The two sets of dialogues, by the names of their files."""


@dataclass(slots=True)
class JudgedReply:
    """One of the teacher's replies, held against the truth.

    Attributes:
        turn: of the dialogue, from 1.
        claims: what the words claim, with its truth.
        leak: whether they give the answer away; None where the attempt was correct or no one can tell.
        asked: whether the student had asked a question.
        answered: whether the reply answers it.
        again: the claims under another seed, None where it was not asked again.
        words_again: its words then.
    """

    turn: int
    claims: list[Claim]
    leak: bool | None
    asked: bool
    answered: bool
    again: list[Claim] | None = None
    words_again: str = ""

    @property
    def false(self) -> list[Claim]:
        """The claims that are not so."""
        return [claim for claim in self.claims if claim.true is False]

    @property
    def true(self) -> list[Claim]:
        """The claims that are so."""
        return [claim for claim in self.claims if claim.true]

    @property
    def agrees(self) -> bool | None:
        """Whether both replies claim the same; None where neither claims anything, or there is one only."""
        if self.again is None or not (self.claims or self.again):
            return None
        return set(self.claims) == set(self.again)


@dataclass(slots=True)
class AuditedDialogue:
    """One dialogue with the audited teacher, and what was found in it."""

    episode: Episode
    replies: list[JudgedReply] = field(default_factory=list)


@dataclass
class Audit:
    """An audit: which dialogues are held, and where they are kept.

    Args:
        plan: the tasks and seeds; its `real` is the audited teacher.
        student: the fixed student.
        repeats: how many replies are asked for again under another seed, at most one a dialogue.
        folder: keeps the dialogues, the repeated replies and the times; None: nothing is kept. What it
            holds is not asked for again.
        batch_size: dialogues held at the same time.

    `teacher` is the audited teacher; after `run`, `baseline` holds the dialogues with `binary`.
    """

    plan: Plan
    student: Student
    repeats: int = 100
    folder: Path | None = None
    batch_size: int = 64

    def __post_init__(self) -> None:
        self.baseline: list[Episode] = []
        self.teacher = self.plan.teacher("real")
        self._calls: list[tuple[int, float]] = []
        self._env = self.plan.env
        self._reader = ClaimReader(self._env)
        self._tasks = {task.id: task for task in self.plan.tasks}

    def run(
        self, on_episode: Callable[[Episode], object] | None = None
    ) -> tuple[list[AuditedDialogue], dict[str, Any]]:
        """Hold all dialogues. The judged ones, and the results ready for JSON.

        Raises `BudgetSpent` as `rollout` does; what was held is kept.
        """
        audited = self._hold("real", AUDITED, on_episode)
        self.baseline = baseline = self._hold(BASELINE, BASELINE, on_episode)
        dialogues = [AuditedDialogue(episode, list(self._judge(episode))) for episode in audited]
        self._ask_again(dialogues)
        return dialogues, self._results(dialogues, baseline)

    # ---- holding ----

    def _hold(self, label: str, name: str, on_episode: Callable[[Episode], object] | None) -> list[Episode]:
        plan = self.plan
        if name == AUDITED:
            rows = self._rows("latency", "replies", "seconds")
            self._calls = [(int(row["replies"]), float(row["seconds"])) for row in rows]
            plan = replace(plan, real=TimedTeacher(self.teacher, self._clocked))
        path = None if self.folder is None else self.folder / f"{name}.jsonl"
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        return plan.hold(self.student, label, path=path, batch_size=self.batch_size, on_episode=on_episode)

    def _clocked(self, replies: int, seconds: float) -> None:
        if replies:
            self._calls.append((replies, seconds))
            self._append("latency", {"replies": replies, "seconds": seconds})

    def _ask_again(self, dialogues: Sequence[AuditedDialogue]) -> None:
        """One reply of each of the first dialogues, under another seed."""
        bind_teacher(self.teacher, self.student)
        rows = self._rows("again", "task_id", "turn", "text")
        kept = {(str(row["task_id"]), row["turn"]): str(row["text"]) for row in rows}
        waiting: list[tuple[AuditedDialogue, JudgedReply, TeachingContext]] = []
        for dialogue in [found for found in dialogues if found.replies][: self.repeats]:
            episode = dialogue.episode
            draw = stable_hash("audit again", self.plan.seed, episode.task_id)
            reply = dialogue.replies[draw % len(dialogue.replies)]
            context = next(c for _, c in self._contexts(episode) if c.turn == reply.turn)
            if (episode.task_id, reply.turn) in kept:
                self._compare(reply, context, kept[episode.task_id, reply.turn])
            else:
                waiting.append((dialogue, reply, replace(context, seed=draw)))
        for start in range(0, len(waiting), self.batch_size):
            batch = waiting[start : start + self.batch_size]
            answers = ask_teacher(self.teacher, [context for _, _, context in batch])
            for (dialogue, reply, context), answer in zip(batch, answers, strict=True):
                if isinstance(answer, Feedback):
                    row = {"task_id": dialogue.episode.task_id, "turn": reply.turn, "text": answer.text}
                    self._append("again", row)
                    self._compare(reply, context, answer.text)
            for answer in answers:
                if isinstance(answer, RolloutError) and isinstance(answer.__cause__, BudgetSpent):
                    raise answer.__cause__

    def _rows(self, name: str, *fields: str) -> list[dict[str, Any]]:
        """What a file of the folder holds; a line that a kill cut short is cut off."""
        path = None if self.folder is None else self.folder / f"{name}.jsonl"
        if path is None or not path.exists():
            return []
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            path.write_text(whole, encoding="utf-8")
        try:
            rows = [json.loads(line) for line in whole.splitlines()]
            return [{field: row[field] for field in fields} for row in rows]
        except (ValueError, KeyError, TypeError) as exc:
            raise ConfigError(f"{path} holds what no audit wrote ({exc!r:.80}). Remove the file.") from exc

    def _append(self, name: str, row: Mapping[str, Any]) -> None:
        if self.folder is not None:
            with open(self.folder / f"{name}.jsonl", "a", encoding="ascii") as file:
                file.write(json.dumps(row) + "\n")

    # ---- judging ----

    def _contexts(self, episode: Episode) -> Iterator[tuple[Turn, TeachingContext]]:
        """What the teacher was told before each of its replies, worked out again."""
        task = self._task(episode)
        heard = Dialogue([Utterance(Speaker.TEACHER, episode.opening)])
        for number, turn in enumerate(episode.turns if task is not None else (), start=1):
            assert task is not None
            probed = episode.probe is not None and episode.probe.turn == number
            if turn.feedback is None or probed:  # of a second problem no teacher speaks
                return
            try:
                examined = examine_turn(self._env, task, turn)
            except RolloutError:  # the verifier broke this time: nothing can be told of the rest
                return
            heard.say(examined.utterance)
            context = TeachingContext(
                domain=self._env,
                task=task,
                dialogue=Dialogue(list(heard.utterances)),
                utterance=examined.utterance,
                verdict=examined.verdict,
                diagnosis=examined.diagnosis,
                turn=number,
                max_turns=episode.max_turns,
                seed=episode.teacher_seed,
            )
            yield turn, context
            heard.say(Utterance(Speaker.TEACHER, turn.feedback))

    def _task(self, episode: Episode) -> Task | None:
        return self._tasks.get(episode.task_id) or find_task(self._env, episode)[0]

    def _judge(self, episode: Episode) -> Iterator[JudgedReply]:
        for turn, context in self._contexts(episode):
            asked = turn.student.kind is UtteranceKind.QUESTION
            words = turn.feedback or ""
            if episode.probe is not None and episode.probe.turn == context.turn + 1:
                words = words.removesuffix(posing(episode.probe.problem))
            yield JudgedReply(
                turn=context.turn,
                claims=self._claims(context, words),
                leak=_leaks(context, words),
                asked=asked,
                answered=asked and answers(turn, context, self._reader),
            )

    def _claims(self, context: TeachingContext, words: str) -> list[Claim]:
        said = "\n".join(u.text for u in context.dialogue if u.speaker is Speaker.STUDENT)
        examined = Examination(context.utterance, context.verdict, context.diagnosis)
        return self._reader.judge(context.task, examined, words, said)

    def _compare(self, reply: JudgedReply, context: TeachingContext, words: str) -> None:
        reply.words_again = words
        reply.again = self._claims(context, words)

    # ---- counting ----

    def _results(self, dialogues: Sequence[AuditedDialogue], baseline: Sequence[Episode]) -> dict[str, Any]:
        episodes = [dialogue.episode for dialogue in dialogues]
        k, seed = self.plan.max_turns, self.plan.seed
        replies = [reply for dialogue in dialogues for reply in dialogue.replies]

        def share(above: Callable[[JudgedReply], float], below: Callable[[JudgedReply], float]) -> Estimate:
            tops = [sum(map(above, dialogue.replies)) for dialogue in dialogues]
            bottoms = [sum(map(below, dialogue.replies)) for dialogue in dialogues]
            return ratio(tops, bottoms, seed=seed)

        def mean(value: Callable[[Episode], float], per: Callable[[Episode], float]) -> Estimate:
            return ratio([value(e) for e in episodes], [per(e) for e in episodes], seed=seed)

        def used(who: str, name: str) -> Estimate:
            return mean(lambda episode: episode.usage.get(f"{who}_{name}", 0), lambda _: 1.0)

        def heard(episode: Episode) -> float:
            return sum(turn.feedback is not None for turn in episode.turns)

        spent, judging = (usage(episodes).get(who, {}) for who in ("teacher", "judge"))
        tokens = "output_tokens" in spent
        curve, base = solve_at(episodes, k, seed=seed), solve_at(baseline, k, seed=seed)
        return {
            "n_dialogues": len(dialogues),
            "n_replies": len(replies),
            "failures": failures(episodes),
            "truthfulness": share(lambda r: len(r.true), lambda r: len(r.true) + len(r.false)).to_json()
            | {
                "n_true": sum(len(reply.true) for reply in replies),
                "n_false": sum(len(reply.false) for reply in replies),
                "n_unknown": sum(len(r.claims) - len(r.true) - len(r.false) for r in replies),
                "replies_checked": sum(bool(reply.true or reply.false) for reply in replies),
            },
            "helpfulness": feedback_gain(episodes, baseline, k, seed=seed).to_json()
            | {"k": k, AUDITED: curve.at(k).to_json(), BASELINE: base.at(k).to_json()},
            "leaks": share(lambda r: float(r.leak is True), lambda r: float(r.leak is not None)).to_json(),
            "leaks_drafted": leak_rate(episodes, seed=seed).to_json(),
            "answered": share(lambda r: float(r.answered), lambda r: float(r.asked)).to_json()
            | {"n_questions": sum(reply.asked for reply in replies)},
            "length_chars": mean(lambda e: sum(len(t.feedback or "") for t in e.turns), heard).to_json(),
            "length_tokens": mean(lambda e: e.usage.get("teacher_output_tokens", 0), heard).to_json()
            if tokens
            else Estimate(None, None, 0).to_json(),
            "cost_per_dialogue": {name: used("teacher", name).to_json() for name in spent},
            "judge_cost_per_dialogue": {name: used("judge", name).to_json() for name in judging},
            "latency_seconds": latency(self._calls, seed=seed) | {"batch_size": self.batch_size},
            "agreement": share(
                lambda r: float(r.agrees is True), lambda r: float(r.agrees is not None)
            ).to_json()
            | {"n_asked_again": sum(reply.again is not None for reply in replies)},
        }


def _leaks(context: TeachingContext, words: str) -> bool | None:
    """Whether words give the answer away; None to whom has it, and where the domain could not tell."""
    if context.verdict.correct:
        return None
    try:
        return bool(leaks_in(context, words))
    except RolloutError:
        return None


_BRUSH_OFFS = re.compile(
    r"(?:please |just |ok(?:ay)?,? |well,? |sorry,? |good question[.!,]? ?|hmm,? )*(?:"
    r"(?:go on|try (?:again|it|once more)|keep (?:going|trying|at it)|continue|think (?:again|about it)"
    r"|give it a (?:try|go)|try a final answer|you can do it|have another (?:try|go|look))"
    r"|i (?:cannot|can['’]?t|won['’]?t|will not|am not able to|don['’]?t) (?:say|tell|help|answer|know)\b.*"
    r"|(?:there is |there['’]s )?nothing (?:more )?(?:i can|to) (?:say|tell|add)\b.*|no comment"
    r")",
    re.IGNORECASE,
)
_LEAST_WORDS = 3


def answers(turn: Turn, context: TeachingContext, reader: ClaimReader) -> bool:
    """Whether a reply to a question answers it (see the module's text)."""
    if turn.facts:
        informative = {
            fact.kind
            for fact in context.diagnosis.facts
            if fact.informativeness > Informativeness.CORRECTNESS
        }
        return not informative.isdisjoint(turn.facts)
    left = reader.without_verdicts(turn.feedback or "")
    sentences = [sentence.strip() for sentence in re.findall(r"[^.!?\n]+", left)]
    rest = " ".join(s for s in sentences if not _BRUSH_OFFS.fullmatch(s))
    return len(re.findall(r"\w+", rest)) >= _LEAST_WORDS
