"""What terms of problems about programs mean, for students who ask."""

from __future__ import annotations

import re

_MEANINGS = {
    r"palindromes?": "A palindrome reads the same from both ends.",
    r"anagrams?": "Two words are anagrams if they have the same letters, each as often, in any order.",
    r"vowels?": "The vowels are a, e, i, o and u.",
    r"consonants?": "Consonants are the letters that are not vowels.",
    r"substrings?": "A substring is a stretch of neighbouring characters of a text.",
    r"subsequences?": "A subsequence leaves out some items and keeps the order of the others.",
    r"prefix(?:es)?": "A prefix is a stretch at the start.",
    r"suffix(?:es)?": "A suffix is a stretch at the end.",
    r"primes?": "A prime is a whole number above one whose only divisors are one and itself.",
    r"factorials?": "The factorial of n is the product of the whole numbers from one to n.",
    r"divisors?|factors?": "A divisor of a number divides it without a remainder.",
    r"medians?": "The median is the middle one of the sorted values, or the mean of two.",
    r"mode": "The mode is the value that occurs most often.",
    r"mean|average": "The mean is the sum of the values divided by how many there are.",
    r"stable|stably": "A stable sort keeps the order of items that are equal.",
    r"in[- ]place": "What is done in place changes its argument instead of making a new value.",
    r"recursi(?:on|ve|vely)": "A recursive function calls itself for a smaller part of the problem.",
    r"iterat(?:e|ive|ively|ion)": "To iterate is to go through items one after the other, in a loop.",
    r"dictionar(?:y|ies)": "A dictionary holds a value for each of its keys.",
    r"tuples?": "A tuple is a sequence that cannot be changed, written in parentheses.",
    r"sets?": "A set holds each of its items once and in no order.",
    r"nested": "Nested means that one list, or another thing of a kind, stands inside another.",
    r"flat(?:ten|tened)?": "A flat list has no lists in it.",
    r"index|indices": "An index says at which place an item stands; the first place has index zero.",
    r"remainder|modulo": "The remainder is what a division leaves over; Python writes it with a %.",
    r"tokens?": "A token is a piece of a text that has a meaning of its own, such as a number or a sign.",
    r"ascending|rising": "In ascending order no item is smaller than the one before it.",
    r"descending|falling": "In descending order no item is larger than the one before it.",
    r"rotat(?:e|ed|ion)": "To rotate a list is to move items from one of its ends to the other.",
    r"adjacent|neighbou?ring": "Adjacent items stand directly beside each other.",
    r"distinct|unique": "Values are distinct if no two of them are the same.",
}

TERM = re.compile("|".join(f"(?P<_{n}>\\b(?:{term})\\b)" for n, term in enumerate(_MEANINGS)), re.IGNORECASE)
"""Finds the first term in a text."""

_BY_PLACE = tuple(_MEANINGS.values())


def meaning(term: re.Match[str]) -> str:
    """What a term that `TERM` has found means."""
    return _BY_PLACE[int(str(term.lastgroup)[1:])]
