"""The guard: checks each feedback before the student hears it.

What is found is decided by rules (`sml_gym.leaks`), and, where a judge is given, by a chat model for
what the rules let pass. What happens then is the policy:

| policy | a feedback that gives the answer away |
| --- | --- |
| `redact` | is said without the part that does (see `sml_gym.leaks.redaction`) |
| `regenerate` | is refused, and the teacher asked again, `attempts` times at most; then it is redacted |
| `flag` | is said as it is, and noted |
| `end` | ends the dialogue: a `LeakError`, `StopReason.LEAKED`, no reward |
| `off` | is said as it is; nothing is checked |

A correct attempt needs no guard: its student has the answer. Every decision is noted in the turn's
`notes["guard"]`. What a refused draft has cost counts like any other.

Where digits or letters are told one by one, the rules read the newest feedback together with what the
teacher has said before in the dialogue. An answer told in other pieces over several turns is found
only when a piece tells it by itself.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Any

from sml_gym.dialogue import Speaker
from sml_gym.errors import ConfigError, JudgeError, LeakError, RolloutError, VerifierError, nearest, typed
from sml_gym.leaks import Known, Leak, Mention, detector_version, find_leaks, plain
from sml_gym.leaks.code import PROGRAM_SECONDS
from sml_gym.leaks.confirmation import by_confirmation
from sml_gym.leaks.detect import MAX_CHARS
from sml_gym.leaks.edits import edited, swapped
from sml_gym.leaks.redaction import NOTHING_LEFT, redact
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, describe, is_remote
from sml_gym.teachers.domains import honest
from sml_gym.teachers.judge import Judge
from sml_gym.teachers.wrapped import WrappedTeacher
from sml_gym.verdict import Outcome

MAX_ASKED_CHARS = 2_000
"""Of a student's question so much is read, from its end, to see whether a feedback confirms a guess."""

DEFAULT_ATTEMPTS = 2
"""How often a teacher is asked again under `regenerate`."""


class Policy(StrEnum):
    """What a guard does with a feedback that gives the answer away."""

    REDACT = "redact"
    """Says it without the part that does."""
    REGENERATE = "regenerate"
    """Asks the teacher again, a bounded number of times, then redacts."""
    FLAG = "flag"
    """Says it and notes it."""
    END = "end"
    """Ends the dialogue without a reward."""
    OFF = "off"
    """Checks nothing."""


class Guard(WrappedTeacher):
    """Keeps the private answer out of another teacher's feedback.

    Args:
        inner: the teacher.
        policy: what to do with a leak, see `Policy`.
        attempts: how often the teacher is asked again under `regenerate`.
        judge: asked about every feedback that the rules let pass; None: rules only.

    Raises:
        ConfigError: for an unknown policy.
    """

    def __init__(
        self,
        inner: Teacher,
        policy: str = Policy.REDACT,
        *,
        attempts: int = DEFAULT_ATTEMPTS,
        judge: Judge | None = None,
    ) -> None:
        if policy not in tuple(Policy):
            raise ConfigError(f"Unknown policy {policy!r} of a guard. {nearest(str(policy), tuple(Policy))}")
        if attempts < 1:
            raise ConfigError(f"attempts is {attempts}; a guard asks again at least once.")
        self.policy = Policy(policy)
        self.attempts = attempts
        self.judge = judge
        options = [self.policy.value]
        if self.policy is Policy.REGENERATE and attempts != DEFAULT_ATTEMPTS:
            options.append(f"attempts={attempts}")
        if judge is not None:
            options.append(f"judge={judge.model.name}")
        super().__init__(inner, f"guard({','.join(options)})")

    @property
    def free_spoken(self) -> bool:
        """False: whatever is said has been checked, or was not to be."""
        return False

    @property
    def remote(self) -> bool:
        """Whether the words, and the judge's if there is one, come over the network."""
        return is_remote(self.inner) and (self.judge is None or is_remote(self.judge.model))

    def describe(self) -> Mapping[str, Any]:
        """What the wrapped teacher says of itself, and the policy, the rules' version and the judge."""
        record: dict[str, Any] = {"policy": self.policy.value}
        if self.policy is not Policy.OFF:
            record["rules"] = detector_version()
        if self.policy is Policy.REGENERATE:
            record["attempts"] = self.attempts
        if self.judge is not None:
            record["judge"] = self.judge.describe()
        return {**describe(self.inner), "guard": record}

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """The wrapped teacher's feedback, checked. All leaking dialogues are asked again in one call."""
        replies = ask_teacher(self.inner, contexts)
        if self.policy is Policy.OFF:
            return replies
        checks = [_Check(context) for context in contexts]
        waiting = [i for i, context in enumerate(contexts) if not _solved(context)]
        for round_ in range(self.attempts + 1):
            self._examine([checks[i] for i in waiting], [replies[i] for i in waiting])
            waiting = [i for i in waiting if checks[i].leaks and checks[i].failure is None]
            if self.policy is not Policy.REGENERATE or round_ == self.attempts or not waiting:
                break
            again = [
                replace(contexts[i], rejected=contexts[i].rejected + tuple(checks[i].drafts)) for i in waiting
            ]
            for i, reply in zip(waiting, ask_teacher(self.inner, again), strict=True):
                replies[i] = reply
        return [self._settle(check, reply) for check, reply in zip(checks, replies, strict=True)]

    def _examine(self, checks: Sequence[_Check], replies: Sequence[Feedback | RolloutError]) -> None:
        """Look for leaks in each newest draft, by rules and then by the judge."""
        passed: list[_Check] = []
        for check, reply in zip(checks, replies, strict=True):
            check.hear(reply)
            if check.failure is None and not check.leaks:
                passed.append(check)
        if self.judge is None or not passed:
            return
        for check, word in zip(passed, _ask_judge(self.judge, passed), strict=True):
            if isinstance(word, JudgeError):
                check.fail(word)
                continue
            _add(check.judge_usage, word.usage)
            if word.leak:
                check.judged(check.drafts[-1])

    def _settle(self, check: _Check, reply: Feedback | RolloutError) -> Feedback | RolloutError:
        """What the student hears in the end, with the record of how it came to that."""
        if not check.drafts and _solved(check.context):
            return reply
        if check.failure is not None:
            return check.failed(self._note(check, None) if check.found else None)
        assert isinstance(reply, Feedback)
        text = reply.text
        if check.leaks and self.policy is Policy.END:
            forms = ", ".join(dict.fromkeys(leak.form for leak in check.leaks))
            return LeakError(
                f"the teacher {self.inner.name} gave the answer away ({forms})",
                usage=check.usage,
                judge_usage=check.judge_usage,
                notes={**reply.notes, "guard": self._note(check, text)},
            )
        if check.leaks and self.policy is not Policy.FLAG:
            try:
                text = check.redacted(text)
            except RolloutError as exc:
                check.fail(exc)
                return check.failed(self._note(check, None))
        return replace(
            reply,
            text=text,
            usage=check.usage,
            judge_usage=check.judge_usage,
            notes={**reply.notes, "guard": self._note(check, reply.text if text != reply.text else None)},
        )

    def _note(self, check: _Check, original: str | None) -> dict[str, Any]:
        """The decision for the record: `leak` says whether any draft gave the answer away."""
        note: dict[str, Any] = {"policy": self.policy.value, "leak": check.found}
        if check.found:
            note["forms"] = list(dict.fromkeys(leak.form for leak in check.leaks or check.first))
            note["spans"] = [[leak.start, leak.end, leak.form] for leak in check.leaks or check.first]
            note["attempts"] = len(check.drafts)
            refused = check.drafts[:-1]
            if refused:
                note["refused"] = refused
            if original is not None:
                note["original"] = original
        return note


class _Check:
    """One dialogue's reply while it is examined."""

    def __init__(self, context: TeachingContext) -> None:
        self.context = context
        self.drafts: list[str] = []
        self.leaks: list[Leak] = []
        self.first: list[Leak] = []
        self.usage: dict[str, float] = {}
        self.judge_usage: dict[str, float] = {}
        self.failure: RolloutError | None = None

    @property
    def found(self) -> bool:
        """Whether any draft gave the answer away."""
        return bool(self.first)

    def hear(self, reply: Feedback | RolloutError) -> None:
        """Take in the newest draft and look for leaks by the rules."""
        self.leaks = []
        if isinstance(reply, RolloutError):
            self.fail(reply)
            return
        _add(self.usage, reply.usage)
        _add(self.judge_usage, reply.judge_usage)
        self.drafts.append(reply.text)
        try:
            self.leaks = leaks_in(self.context, reply.text)
        except RolloutError as exc:
            self.fail(exc)
        self.first = self.first or self.leaks

    def judged(self, text: str) -> None:
        """The judge has called the newest draft a leak."""
        self.leaks = [Leak(0, len(text), "judged", text, True)]
        self.first = self.first or self.leaks

    def redacted(self, text: str) -> str:
        """The draft without its leaks. What the judge objects to has no place of its own: all goes."""
        if any(leak.form == "judged" for leak in self.leaks):
            return NOTHING_LEFT
        find = partial(leaks_in, self.context, beside=True)
        return redact(text, find(text), find)

    def fail(self, failure: RolloutError) -> None:
        self.failure = failure
        _add(self.usage, failure.usage)
        _add(self.judge_usage, failure.judge_usage)

    def failed(self, note: dict[str, Any] | None) -> RolloutError:
        """The failure, with what all drafts have cost. A copy: one failure may stand for many dialogues."""
        assert self.failure is not None
        failure = copy.copy(self.failure)
        failure.__cause__ = self.failure.__cause__
        failure.usage, failure.judge_usage = self.usage, self.judge_usage
        failure.notes = self.failure.notes if note is None else {**self.failure.notes, "guard": note}
        return failure


def leaks_in(context: TeachingContext, text: str, *, beside: bool = False) -> list[Leak]:
    """The leaks in a feedback to this context, by the rules; for `beside` see `find_leaks`.

    Raises:
        VerifierError: the domain could not say whether a text states the answer.
    """
    reference = context.task.private.reveal()
    bare = plain(text[:MAX_CHARS]).text
    try:
        statements = [
            *context.domain.statements(context.task, bare),
            *_edits(context, bare),
            *_confirmed(context, bare),
        ]
    except Exception as exc:
        raise typed(exc, VerifierError, "looking for the answer in the feedback") from exc
    return find_leaks(text, reference, known_to(context), statements, bare, beside=beside)


def _edits(context: TeachingContext, bare: str) -> Iterator[Mention]:
    """Changes to the student's last program, or other answer, that make it pass."""
    said = [u.text for u in context.dialogue if u.speaker is Speaker.STUDENT and "def " in u.text]
    until = time.monotonic() + PROGRAM_SECONDS
    changed = edited(bare, plain(said[-1]).text) if said else swapped(bare, context.verdict.answer or "")
    for candidate, start, end in changed:
        if context.domain.verify(context.task, candidate).correct:
            yield Mention(start, end, "change", sure=True, whole=True)
            return
        if time.monotonic() > until:
            return


def _confirmed(context: TeachingContext, bare: str) -> list[Mention]:
    """Words by which the feedback agrees to a guess that the student has only asked about."""
    if context.verdict.outcome is not Outcome.NO_ATTEMPT:
        return []
    said = [u.text for u in context.dialogue if u.speaker is Speaker.STUDENT]
    asked = plain("\n\n".join(said[-2:])[-MAX_ASKED_CHARS:]).text
    return by_confirmation(bare, asked, lambda text: context.domain.statements(context.task, text))


def known_to(context: TeachingContext) -> Known:
    """What the student has seen and said in this dialogue."""
    utterances = context.dialogue.utterances
    taught = [said.text for said in utterances if said.speaker is Speaker.TEACHER]
    return Known(
        problem=taught[0] if taught else context.task.problem,
        said=tuple([said.text for said in utterances if said.speaker is Speaker.STUDENT]),
        taught=tuple(taught[1:]),
    )


def _ask_judge(judge: Judge, checks: Sequence[_Check]) -> list[Any]:
    try:
        return list(judge.judge([(check.context, check.drafts[-1]) for check in checks]))
    except Exception as exc:
        failure = typed(exc, JudgeError, f"the judge {judge.model.name}")
        if not isinstance(failure, JudgeError):
            raise failure from exc
        return [failure] * len(checks)


def _add(total: dict[str, float], usage: Mapping[str, float]) -> None:
    for name, count in usage.items():
        total[name] = total.get(name, 0) + count


def _solved(context: TeachingContext) -> bool:
    """Whether the student has the answer. Noise may have told this teacher so when it is not true."""
    if not context.verdict.correct:
        return False
    domain = honest(context.domain)
    if domain is context.domain:
        return True
    try:
        return domain.verify(context.task, context.verdict.answer or "").correct
    except Exception:  # then nothing is known, and the words are checked
        return False
