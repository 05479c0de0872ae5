"""What the teacher can say about reasoning: phrasings by fact kind.

No phrasing holds a digit, so a number in the teacher's mouth always comes from a fact's slots.
"""

from __future__ import annotations

from collections.abc import Mapping

from sml_gym import PhraseBank

_PLACES: PhraseBank = {
    "reasoning.place.wrong": ("Look again at {place}.", "Check {place}.", "It goes wrong at {place}."),
    "reasoning.right.place": ("You have {place} right.", "What you have in {place} is right."),
    "reasoning.right.until": ("All is right up to {place}.", "Up to {place} your answer is right."),
    "reasoning.wrong.one": ("Just one {thing} is wrong.", "All is right but for one {thing}."),
    "reasoning.wrong.few": ("A few {thing} are wrong.", "Only a few of your {thing} are wrong."),
    "reasoning.wrong.many": ("Many {thing} are wrong.", "Several of your {thing} are wrong."),
}

_TEXT: PhraseBank = {
    "reasoning.text.short": (
        "Your answer has too few {thing}.",
        "Some {thing} are missing from your answer.",
    ),
    "reasoning.text.long": (
        "Your answer has too many {thing}.",
        "There are more {thing} than there should be.",
    ),
    "reasoning.text.order": (
        "You have the right {thing} in the wrong order, from {place} on.",
        "The {thing} are right, but their order is not, from {place} on.",
    ),
    "reasoning.text.form": (
        "The content is right; write it in the form that the problem asks for.",
        "Only the form of your answer is wrong.",
    ),
    "reasoning.json.unreadable": (
        "Your answer cannot be read as the list or map that the problem asks for.",
        "Check the brackets and quotation marks of your answer.",
    ),
    "reasoning.choice.words": (
        "The answer is shorter: give just the word that is asked for.",
        "Answer with nothing but the word that is asked for.",
    ),
}

_NUMBERS: PhraseBank = {
    "reasoning.number.low": ("Your number is too low.", "The right number is higher.", "That is too small."),
    "reasoning.number.high": ("Your number is too high.", "The right number is lower.", "That is too large."),
    "reasoning.number.sign": ("The sign is wrong.", "Check the sign of your number."),
    "reasoning.number.sign_right": ("Your number has the right sign.", "You got the sign right."),
    "reasoning.number.off_by_one": ("You are off by one.", "Your number misses by one."),
    "reasoning.number.form": (
        "The value is right; write it in the form that the problem asks for.",
        "Your value is right, only its form is not.",
    ),
    "reasoning.number.whole": (
        "The answer is a whole number above zero.",
        "Give one whole number above zero.",
    ),
    "reasoning.target.missed": (
        "Your expression does not reach the target.",
        "Check what your expression gives.",
    ),
    "reasoning.target.reached": (
        "Your expression reaches the target.",
        "The value of your expression is right.",
    ),
    "reasoning.target.low": (
        "Your expression gives {value}, which is {off} too low.",
        "That comes to {value}; {off} are missing.",
    ),
    "reasoning.target.high": (
        "Your expression gives {value}, which is {off} too high.",
        "That comes to {value}; it is {off} too much.",
    ),
    "reasoning.target.zero": ("Your expression divides by zero.", "There is a division by zero in it."),
    "reasoning.use.wrong": ("Check which numbers you use.", "You do not use the numbers as you should."),
    "reasoning.use.right": ("You use the right numbers.", "Your numbers are the given ones, each once."),
    "reasoning.use.foreign": (
        "The number {number} is not given.",
        "You use {number}, which is not among the numbers.",
    ),
    "reasoning.use.often": ("You use {number} too often.", "The number {number} may not be used so often."),
    "reasoning.use.missing": ("You have not used {number}.", "The number {number} has to be used too."),
    "reasoning.factors.form": (
        "Write whole numbers with × between them.",
        "Give factors, with × between them.",
    ),
    "reasoning.factors.product": (
        "Your factors do not multiply to the number.",
        "Check the product of your factors.",
    ),
    "reasoning.factors.not_prime": ("Your factor {number} is no prime.", "The factor {number} is not prime."),
    "reasoning.factors.no_divisor": (
        "The number is not divisible by {number}.",
        "Your factor {number} does not divide it.",
    ),
    "reasoning.factors.low": (
        "Your factors multiply to {value}, which is too low.",
        "Their product is {value}: too small.",
    ),
    "reasoning.factors.high": (
        "Your factors multiply to {value}, which is too high.",
        "Their product is {value}: too large.",
    ),
    "reasoning.factors.primes": ("All your factors are primes.", "Each of your factors is prime."),
    "reasoning.divisor.not": (
        "Your number does not divide all the numbers.",
        "Your number is no common divisor.",
    ),
    "reasoning.divisor.not_of": (
        "Your number does not divide {number}.",
        "The number {number} is not divisible by yours.",
    ),
    "reasoning.divisor.common": ("Your number divides all the numbers.", "Your number is a common divisor."),
    "reasoning.divisor.larger": (
        "There is a larger common divisor.",
        "Yours is not the greatest common divisor.",
    ),
    "reasoning.multiple.not": (
        "Your number is no multiple of all the numbers.",
        "Your number is no common multiple.",
    ),
    "reasoning.multiple.not_of": (
        "Your number is no multiple of {number}.",
        "Your number is not divisible by {number}.",
    ),
    "reasoning.multiple.common": ("Your number is a common multiple.", "All the numbers divide yours."),
    "reasoning.multiple.smaller": (
        "There is a smaller common multiple.",
        "Yours is not the least common multiple.",
    ),
    "reasoning.fraction.value": (
        "Your fraction has another value.",
        "Your fraction does not equal the given one.",
    ),
    "reasoning.fraction.equal": (
        "Your fraction equals the given one.",
        "The value of your fraction is right.",
    ),
    "reasoning.fraction.reducible": (
        "Your fraction can be reduced further.",
        "It is not in lowest terms yet.",
    ),
    "reasoning.base.digit": (
        "There is no digit {digit} in base {base}.",
        "Base {base} has no digit {digit}.",
    ),
    "reasoning.roots.form": (
        "Give decimal numbers with commas between them.",
        "Write decimal numbers, with commas.",
    ),
    "reasoning.roots.none": (
        "Put {place} into the equation: it does not hold.",
        "The equation does not hold for {place}.",
    ),
    "reasoning.roots.count": ("Check how many solutions there are.", "The number of solutions is not right."),
    "reasoning.roots.few": ("There are more solutions.", "You have not found all solutions."),
    "reasoning.roots.many": ("You give a solution twice.", "There are fewer solutions than you give."),
    "reasoning.roots.rounded": ("Your solutions are rounded too much.", "Give your solutions more exactly."),
    "reasoning.polynomial.form": ("Write the product as a sum of terms.", "Multiply everything out first."),
    "reasoning.polynomial.low": (
        "The coefficient of {place} is too low.",
        "A higher coefficient belongs to {place}.",
    ),
    "reasoning.polynomial.high": (
        "The coefficient of {place} is too high.",
        "A lower coefficient belongs to {place}.",
    ),
    "reasoning.polynomial.missing": ("You have left out {place}.", "Your answer lacks {place}."),
    "reasoning.polynomial.extra": (
        "Your answer should not have {place}.",
        "You should not have {place} in it.",
    ),
}

_GRIDS: PhraseBank = {
    "reasoning.grid.numbers": ("Write rows of whole numbers.", "Your grid holds what is no number."),
    "reasoning.grid.rows": ("Count your rows.", "The number of rows is not right."),
    "reasoning.grid.rows_more": ("There should be more rows.", "Some rows are missing."),
    "reasoning.grid.rows_less": ("There should be fewer rows.", "You have too many rows."),
    "reasoning.grid.row_short": (
        "There are too few values in {place}.",
        "Some values are missing in {place}.",
    ),
    "reasoning.grid.row_long": (
        "There are too many values in {place}.",
        "You have more values in {place} than you should.",
    ),
    "reasoning.grid.given": (
        "You changed {place}, which the problem gives.",
        "The problem gives {place}; leave it.",
    ),
    "reasoning.grid.range": ("The value at {place} is not allowed.", "No such value may stand at {place}."),
    "reasoning.grid.repeat": (
        "The number {value} stands twice in {place}.",
        "You have {value} more than once in {place}.",
    ),
    "reasoning.grid.relation": (
        "The sign between {place} and {other} does not hold.",
        "Compare {place} with {other}: the sign between them is broken.",
    ),
    "reasoning.grid.sum": (
        "The sum of {place} is {given} and should be {wanted}.",
        "You have a sum of {given} in {place}; {wanted} is asked for.",
    ),
    "reasoning.survo.numbers": (
        "Check which numbers you have placed.",
        "The placed numbers are not those on offer.",
    ),
    "reasoning.survo.other_numbers": (
        "You placed a number that is not on offer.",
        "Each number on offer has to be placed once.",
    ),
    "reasoning.queens.attack": (
        "The queens at {place} and {other} attack each other.",
        "The queen at {place} attacks the one at {other}.",
    ),
    "reasoning.queens.sign": (
        "There is neither a queen nor an empty square at {place}.",
        "Use only Q and underscores; see {place}.",
    ),
    "reasoning.queens.empty": ("There is no queen in {place}.", "A queen is missing in {place}."),
    "reasoning.queens.peace": (
        "No two of your queens attack each other.",
        "Your queens leave each other in peace.",
    ),
    "reasoning.cell.low": ("The number at {place} is too low.", "A higher number belongs at {place}."),
    "reasoning.cell.high": ("The number at {place} is too high.", "A lower number belongs at {place}."),
    "reasoning.cell.zero": ("The given matrix has a zero at {place}.", "There is a zero at {place} itself."),
}

_MOVES: PhraseBank = {
    "reasoning.moves.legal": ("All your moves are allowed.", "Every move of yours is allowed."),
    "reasoning.moves.legal_until": (
        "Your moves are allowed up to {place}.",
        "Up to {place} you move as you may.",
    ),
    "reasoning.moves.unreached": (
        "Your moves do not reach the goal.",
        "After your moves the goal is not reached.",
    ),
    "reasoning.moves.works": ("Your moves reach the goal.", "You get to the goal."),
    "reasoning.moves.too_many": (
        "You need {count} moves; it can be done with fewer.",
        "That takes {count} moves, and there is a shorter way.",
    ),
    "reasoning.move.unreadable": ("I cannot read {place} as a move.", "The form of {place} is not a move's."),
    "reasoning.hanoi.peg": ("There are no two such pegs for {place}.", "Check the pegs of {place}."),
    "reasoning.hanoi.not_on_top": (
        "At {place}, disk {disk} is not on top of peg {peg}.",
        "You cannot take disk {disk} from peg {peg} at {place}.",
    ),
    "reasoning.hanoi.larger": (
        "At {place}, disk {disk} would lie on the smaller disk {other}.",
        "You cannot put disk {disk} on disk {other} at {place}.",
    ),
    "reasoning.jugs.unknown": ("There is no such jug as in {place}.", "Check the jugs of {place}."),
    "reasoning.jugs.amounts": (
        "In the end the jugs hold {amounts}.",
        "Your moves leave these amounts: {amounts}.",
    ),
    "reasoning.jugs.past": (
        "The target is reached at {place}, and then lost again.",
        "Stop after {place}: the target is there.",
    ),
    "reasoning.path.off": ("You leave the grid with {place}.", "That goes off the grid with {place}."),
    "reasoning.path.blocked": ("You run into a wall with {place}.", "The way is blocked for {place}."),
    "reasoning.path.past": (
        "You are there after {place}, and then go on.",
        "Stop after {place}: you have arrived.",
    ),
    "reasoning.path.detour": (
        "Your path gets there, but it is not the shortest.",
        "You arrive, by a detour.",
    ),
    "reasoning.path.exists": ("There is a path.", "It can be reached."),
    "reasoning.cars.unknown": (
        "There is no car {car}, which you move with {place}.",
        "Your board has no car {car}; see {place}.",
    ),
    "reasoning.cars.blocked": (
        "Car {car} cannot go so far with {place}.",
        "Something is in the way of car {car} with {place}.",
    ),
    "reasoning.lock.low": (
        "Your buttons lead to {value}, which is too low.",
        "You reach {value} and should reach more.",
    ),
    "reasoning.lock.high": (
        "Your buttons lead to {value}, which is too high.",
        "You reach {value} and should reach less.",
    ),
    "reasoning.lock.far": (
        "The number is far too large after {place}.",
        "With {place} the number gets out of hand.",
    ),
    "reasoning.sokoban.stuck": (
        "The box cannot be pushed with {place}.",
        "Something is behind the box at {place}.",
    ),
    "reasoning.sokoban.one_left": ("One box is not on a goal.", "There is still one box to put on a goal."),
    "reasoning.sokoban.left": (
        "There are {count} boxes that are not on a goal.",
        "You leave {count} boxes off the goals.",
    ),
    "reasoning.knight.possible": ("It is possible.", "The knights can be swapped."),
    "reasoning.knight.turn": (
        "It is the other colour's turn at {place}.",
        "The colours take turns; see {place}.",
    ),
    "reasoning.knight.none": (
        "There is no such knight to make {place}.",
        "No knight of that colour stands where {place} starts.",
    ),
    "reasoning.knight.jump": ("No knight moves like {place}.", "A knight cannot jump as in {place}."),
    "reasoning.knight.taken": (
        "The square to which {place} goes is taken.",
        "Another knight stands where {place} ends.",
    ),
}

_LOGIC: PhraseBank = {
    "reasoning.clue.broken": (
        "Your answer contradicts what someone says.",
        "What you say does not fit all the statements.",
    ),
    "reasoning.clue.broken_by": (
        "What {name} says does not fit your answer.",
        "Your answer contradicts what {name} says.",
    ),
    "reasoning.clue.kept": (
        "What {name} says fits your answer.",
        "Your answer agrees with the words of {name}.",
    ),
    "reasoning.people.missing": ("Say of everyone what they are.", "Someone is missing in your answer."),
    "reasoning.people.missing_one": ("You say nothing of {name}.", "Your answer says nothing of {name}."),
    "reasoning.people.word": (
        "Use the problem's own words for {name}.",
        "The problem has other words for what {name} is.",
    ),
    "reasoning.people.form": (
        "Write it in the form that the problem shows.",
        "Check the form of your answer.",
    ),
    "reasoning.logic.form": (
        "Write one formula in the problem's own signs.",
        "Check the form of your formula.",
    ),
    "reasoning.logic.variable": ("The premises say nothing of {name}.", "There is no {name} in the problem."),
    "reasoning.logic.not_entailed": (
        "That does not follow from the premises.",
        "The premises do not force that.",
    ),
    "reasoning.logic.case": (
        "With {case}, all premises hold and your conclusion does not.",
        "Try {case}: the premises hold, your conclusion does not.",
    ),
    "reasoning.logic.entailed": ("That follows from the premises.", "The premises do force that."),
    "reasoning.logic.trivial": (
        "It says too little: it would be true without the premises.",
        "It is true by itself; use the premises.",
    ),
    "reasoning.logic.single": (
        "A single letter is too little: join two with a sign.",
        "Conclude something with a sign in it, not just one letter.",
    ),
    "reasoning.colour.missing": ("There is no colour for {place}.", "You have not coloured {place}."),
    "reasoning.colour.other": (
        "The colour of {place} is not on offer.",
        "You may not use that colour for {place}.",
    ),
    "reasoning.colour.same": (
        "There is an edge from {place} to {other}, and both have the same colour.",
        "You gave {place} and {other} one colour, and they are joined.",
    ),
    "reasoning.colour.one_edge": (
        "Only one edge joins equal colours.",
        "All edges but one are as they should be.",
    ),
    "reasoning.colour.edges": (
        "Every vertex has a colour on offer.",
        "You use the colours on offer for all vertices.",
    ),
}

_WORDS: PhraseBank = {
    "reasoning.ladder.start": ("Begin with the given first word.", "Your first word is not the given one."),
    "reasoning.ladder.end": (
        "You do not arrive at the given last word.",
        "Your last word is not the given one.",
    ),
    "reasoning.ladder.length": (
        "From {before} to {after} the length changes.",
        "The words {before} and {after} are not of one length.",
    ),
    "reasoning.ladder.same": (
        "From {before} to {after} nothing changes.",
        "You have {before} twice in a row.",
    ),
    "reasoning.ladder.many": (
        "From {before} to {after} more than one letter changes.",
        "More than one letter differs between {before} and {after}.",
    ),
    "reasoning.ladder.until": (
        "Your steps are right as far as {word}.",
        "Up to {word} each step changes one letter.",
    ),
    "reasoning.ladder.steps": ("Each step changes one letter.", "All your steps change just one letter."),
    "reasoning.ladder.words": ("Check your words.", "Look at the words in between."),
    "reasoning.ladder.no_word": (
        "One of them is no known word.",
        "Not all of them are words in the dictionary.",
    ),
    "reasoning.palindrome.mirror": (
        "The letters do not mirror each other at {place}.",
        "Compare {place} with the one as far from the end.",
    ),
    "reasoning.palindrome.reads": ("It reads the same both ways.", "It is a palindrome."),
    "reasoning.palindrome.letters": ("Check which letters you use.", "You do not use the given letters."),
    "reasoning.palindrome.missing": (
        "The letter {letter} is used too rarely.",
        "There should be more of the letter {letter}.",
    ),
    "reasoning.palindrome.extra": (
        "The letter {letter} is used too often.",
        "There should be less of the letter {letter}.",
    ),
    "reasoning.list.items": (
        "Check what belongs to the list.",
        "Something is missing or does not belong there.",
    ),
    "reasoning.list.missing": ("You have left out {thing}.", "Your answer lacks {thing}."),
    "reasoning.list.foreign": (
        "There is no {thing} in the problem.",
        "You have {thing}, which is not given.",
    ),
    "reasoning.list.often": (
        "You have {thing} too often.",
        "Your answer has {thing} more than once too many.",
    ),
    "reasoning.list.complete": (
        "Nothing is missing and nothing is too much.",
        "You have all that belongs to the list.",
    ),
    "reasoning.list.order": (
        "You put {one} before {other}, which is the wrong way round.",
        "The order of {one} and {other} is wrong.",
    ),
    "reasoning.anagrams.none": (
        "The words {one} and {other} are no anagrams.",
        "You put {one} and {other} together, whose letters differ.",
    ),
    "reasoning.anagrams.apart": (
        "All of {one} and {other} belong together.",
        "You keep {one} apart from {other}, which has the same letters.",
    ),
    "reasoning.anagrams.groups": (
        "Each of your groups holds anagrams only.",
        "The words of each group fit together.",
    ),
    "reasoning.partition.spelling": (
        "The pieces of {place} do not spell the string.",
        "Put the pieces of {place} together: it is another string.",
    ),
    "reasoning.partition.piece": (
        "The piece {thing} in {place} is no palindrome.",
        "You have {thing} in {place}, which is no palindrome.",
    ),
    "reasoning.partition.some": (
        "Check how many partitions there are.",
        "The list of partitions is not complete.",
    ),
    "reasoning.partition.missing": ("Some partitions are missing.", "There are more partitions."),
    "reasoning.partition.right": (
        "All partitions that you give are right.",
        "Each of yours is a partition into palindromes.",
    ),
    "reasoning.crypt.form": (
        "Write letters with their digits, as the problem shows.",
        "Check the form of your answer.",
    ),
    "reasoning.crypt.missing": ("The letter {letter} has no digit.", "You give no digit for {letter}."),
    "reasoning.crypt.twice": (
        "The letters {letter} and {other} have the same digit.",
        "You gave one digit to {letter} and to {other}.",
    ),
    "reasoning.crypt.zero": (
        "A word begins with {letter}, which may not be zero.",
        "The letter {letter} leads a word and cannot be zero.",
    ),
    "reasoning.crypt.column": (
        "With your digits the sum is {total}, and the result reads {reads}.",
        "Your words sum to {total}, but the last line reads {reads}.",
    ),
    "reasoning.crypt.rules": ("Every letter has a digit of its own.", "Each letter has its own digit."),
}

_NEXT: PhraseBank = {
    "reasoning.next.method": ("A way to do it: {method}.", "Try this: {method}.", "My advice: {method}."),
    "reasoning.next.place": ("Begin with {place}.", "Work out {place} anew.", "Next, get {place} right."),
    "reasoning.next.cell": (
        "Only one number fits at {place}: work it out.",
        "The clues settle {place}: do that next.",
    ),
    "reasoning.next.step": ("The next move is {step}.", "Go on with {step}."),
    "reasoning.next.commit": (
        "Give a final answer when you have one.",
        "Tell me your final answer when you have it.",
    ),
    "reasoning.life.count": (
        "Count the live neighbours of {place}.",
        "See how many neighbours of {place} are alive.",
    ),
    "reasoning.queens.move": ("Move one of the two.", "One of these two has to go elsewhere."),
    "reasoning.clue.assume": (
        "Take the words of {name} and see what would make them true.",
        "Begin with what {name} says.",
    ),
    "reasoning.colour.change": (
        "Give {place} or {other} another colour.",
        "Change the colour of {place} or of {other}.",
    ),
    "reasoning.list.swap": ("Put {other} before {one}.", "Let {one} come after {other}."),
    "reasoning.avoid.same": (
        "Do not give the same answer again.",
        "The same answer will not do a second time.",
    ),
    "reasoning.avoid.unclear": (
        "Do not leave open what your answer is.",
        "Do not change the form that is asked for.",
    ),
    "reasoning.answer.refuse": (
        "The answer is for you to find.",
        "I will not tell you the answer.",
        "That is for you to work out.",
    ),
}

_FALSE: PhraseBank = {
    "reasoning.false.rules": ("Your answer keeps all the rules.", "I find no rule that your answer breaks."),
    "reasoning.false.moves": ("One of your moves is not allowed.", "You make a move that is not allowed."),
    "reasoning.false.until": (
        "It goes wrong before {place}.",
        "There is a mistake before you come to {place}.",
    ),
    "reasoning.false.form": (
        "The form of your answer is right.",
        "Your answer has the form that is asked for.",
    ),
    "reasoning.false.numbers": (
        "Your answer has just the numbers that it should.",
        "You use just what is given.",
    ),
    "reasoning.false.value": ("The value of your answer is wrong.", "Your answer has another value."),
    "reasoning.false.parts": ("None of it is right.", "No part of your answer is right."),
    "reasoning.false.groups": (
        "There are words in a group that do not belong together.",
        "A group holds other words too.",
    ),
}
"""What only a noisy teacher says: the contraries of facts that have none among the others."""

PHRASES: PhraseBank = {
    **_PLACES,
    **_TEXT,
    **_NUMBERS,
    **_GRIDS,
    **_MOVES,
    **_LOGIC,
    **_WORDS,
    **_NEXT,
    **_FALSE,
}

_ORDINAL = r"the (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) [a-z]+"
_PLACE = (
    rf"(?:{_ORDINAL}(?: from the right)?|[a-z]+ \d+(?: from the right)?|row \d+, column \d+"
    r"|the box of rows \d+ to \d+ and columns \d+ to \d+|the term in [A-Za-z*0-9]+|the constant term"
    r"|vertex \d+|letter [A-Z]|a division|what you say of \w+|the step from \w+ to \w+)"
)
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"

SLOTS: Mapping[str, str] = {
    **dict.fromkeys(("method", "case", "amounts", "step", "reason"), ""),
    **dict.fromkeys(
        ("number", "value", "off", "given", "wanted", "total", "reads", "count", "disk", "peg", "base"),
        _NUMBER,
    ),
    "place": _PLACE,
    "letter": r"\w",
    "digit": r"\w",
    "car": r"[A-Z]",
    "name": r"\w+",
    **dict.fromkeys(("before", "after", "word"), r"\w+"),
}
"""What may stand in the slots of the phrase bank; "" for free text."""
