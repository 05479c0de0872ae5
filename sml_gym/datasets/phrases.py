"""Words for the facts of data sets, and what contradicts them."""

from __future__ import annotations

from collections.abc import Mapping

from sml_gym.verdict import PhraseBank

PHRASES: PhraseBank = {
    "dataset.place.first": (
        "Look at the {place} {unit}.",
        "It goes wrong at the {place} {unit}.",
    ),
    "dataset.place.unfinished": ("It is right as far as it goes.", "What you have is right; it breaks off."),
    "dataset.place.goes_on": ("It begins right and then goes on too far.", "The end of it is too much."),
    "dataset.place.marks": ("The words are right; look at the marks between them.",),
    "dataset.size.few_words": ("Your answer has too few words.", "Some words are missing."),
    "dataset.size.many_words": ("Your answer has too many words.", "There are words too many in it."),
    "dataset.size.short": ("Your answer is too short.", "It should be longer."),
    "dataset.size.long": ("Your answer is too long.", "It should be shorter."),
    "dataset.size.words": ("I am looking for {count} words.", "The answer has {count} words."),
    "dataset.size.characters": (
        "I am looking for {count} characters.",
        "The answer is written with {count} characters.",
    ),
    "dataset.words.none": ("None of these words belongs to the answer.", "No word of it is right."),
    "dataset.words.some": ("Keep {words}.", "This much belongs to the answer: {words}."),
    "dataset.words.order": ("The words are there, but not as they should be said.",),
    "dataset.choice.out": ("So {letter} is ruled out.", "You can strike out {letter}."),
    "dataset.choice.not": ("I can tell you that {letter} is wrong.", "Leave {letter} out."),
    "dataset.choice.not_either": ("{letter} is wrong too.", "Do not choose {letter} either."),
    "dataset.pattern.short": ("Every right answer is longer.", "It is too short."),
    "dataset.pattern.long": ("Every right answer is shorter.", "It is too long."),
    "dataset.pattern.form": ("Its length is possible, but its form is not.",),
}

OPPOSITES: Mapping[str, str] = {
    "dataset.place.unfinished": "dataset.place.goes_on",
    "dataset.place.goes_on": "dataset.place.unfinished",
    "dataset.size.few_words": "dataset.size.many_words",
    "dataset.size.many_words": "dataset.size.few_words",
    "dataset.size.short": "dataset.size.long",
    "dataset.size.long": "dataset.size.short",
    "dataset.pattern.short": "dataset.pattern.long",
    "dataset.pattern.long": "dataset.pattern.short",
}

SLOTS: Mapping[str, str] = {
    "place": r"[a-z]+|[0-9]+(?:st|nd|rd|th)",
    "unit": r"word|character",
    "count": r"[a-z]+|[0-9]+",
    "words": r"'[^']+'(?:, '[^']+')*",
    "letter": r"[A-Z]",
}
