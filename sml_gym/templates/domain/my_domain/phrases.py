"""The words for this domain's facts: kind of fact -> phrasings. Only here does the domain speak."""

from sml_gym import PhraseBank

# Replace this: a kind is "my_domain.something"; what stands in braces is a slot of the fact. No phrase tells
# the answer.
PHRASES: PhraseBank = {
    "my_domain.low": ("Your number is too small.", "That is too low."),
    "my_domain.high": ("Your number is too large.", "That is too high."),
    "my_domain.far": ("It is not even close.", "You are far off."),
    "my_domain.next": ("{action}", "Try this: {action}"),
}

# What noise may say in a fact's place, because it is surely false then.
OPPOSITES = {"my_domain.low": "my_domain.high", "my_domain.high": "my_domain.low"}

# What may stand in the slots, as regular expressions; "" for free text. Audits read facts back with them.
SLOTS = {"action": ""}
