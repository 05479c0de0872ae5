"""What the teacher can say about mathematics: phrasings by fact kind.

No phrasing holds a digit, so a number in the teacher's mouth always comes from a fact's slots.
"""

from __future__ import annotations

from sml_gym import PhraseBank

_DIGITS: PhraseBank = {
    "math.digit.wrong": ("The {place} digit is wrong.", "Check the {place} digit."),
    "math.digit.right": ("The {place} digit is right.", "The {place} digit is correct."),
    "math.digit.low": ("The {place} digit is too low.", "The {place} digit should be higher."),
    "math.digit.high": ("The {place} digit is too high.", "The {place} digit should be lower."),
}

_RIGHT: PhraseBank = {
    "math.right.working": (
        "Your working is right up to {equation}.",
        "{equation} is right so far.",
        "You are right as far as {equation}.",
    ),
    "math.right.size": (
        "The size of your answer is right.",
        "Apart from its sign your answer is right.",
        "Your number is right but for its sign.",
    ),
    "math.right.sign": (
        "Your answer has the right sign.",
        "You got the sign right.",
        "At least the sign is as it should be.",
    ),
    "math.right.length": (
        "Your answer has as many digits as it should.",
        "You have the right number of digits.",
        "The number of digits is as it should be.",
    ),
    "math.right.term": (
        "You got the {term} right.",
        "You have found the {term}.",
        "The {term} can stay.",
    ),
}

_WHERE: PhraseBank = {
    "math.where.calculation": (
        "Look again at your {ordinal} calculation.",
        "It goes wrong in your {ordinal} calculation.",
        "Your {ordinal} calculation has a mistake.",
    ),
    "math.where.step": (
        "Look again at the {ordinal} step of your solution, {left}.",
        "Something goes wrong where you write {left}.",
        "Check the line with {left}.",
    ),
    "math.where.after": (
        "It goes wrong after {equation}.",
        "What follows {equation} is not right.",
        "The mistake comes after {equation}.",
    ),
    "math.where.early": (
        "You got part of the way, as far as the {ordinal} step.",
        "You are at the {ordinal} step, and not at the end.",
        "That stands in the {ordinal} step of the solution.",
    ),
    "math.where.numerator": (
        "The numerator is wrong.",
        "Check the numerator.",
        "The denominator is right; look at the numerator.",
    ),
    "math.where.denominator": (
        "The denominator is wrong.",
        "Check the denominator.",
        "The numerator is right; look at the denominator.",
    ),
    "math.where.form": (
        "The value is right, but look at the form of your answer.",
        "The mistake is only in how the answer is written.",
        "Your value is right; the way it is written is not.",
    ),
    "math.where.unshown": (
        "I see no working, so I cannot say where it goes wrong.",
        "Show your steps, and I can say where it goes wrong.",
        "Write down your calculations so that I can see where it goes wrong.",
    ),
    "math.term.wrong": (
        "The {term} is wrong.",
        "Check the {term}.",
        "Look again at the {term}.",
    ),
}

_WHAT: PhraseBank = {
    "math.kind.slip": (
        "{left} is not {right}.",
        "You wrote that {left} is {right}, which is wrong.",
        "Calculate {left} again; it is not {right}.",
    ),
    "math.kind.step": (
        "{left} does not equal {right} here.",
        "{left} = {right} does not follow.",
        "You cannot conclude that {left} = {right}.",
    ),
    "math.kind.unfinished": (
        "That is the result of the {ordinal} step; it is not yet the answer.",
        "Your number is right for the {ordinal} step, but more has to be done.",
        "You stopped after the {ordinal} step; the problem asks for more.",
    ),
    "math.kind.sign": (
        "The sign is wrong.",
        "Check the sign.",
        "You have the wrong sign.",
    ),
    "math.kind.off_by_one": (
        "You are off by one.",
        "Your answer misses by one.",
        "Your answer is just one away.",
    ),
    "math.kind.large_factor": (
        "Your answer is too large by a factor of {factor}.",
        "Your answer is {factor} times as large as it should be.",
        "A factor of {factor} too much has come in.",
    ),
    "math.kind.small_factor": (
        "Your answer is too small by a factor of {factor}.",
        "Your answer should be {factor} times as large.",
        "A factor of {factor} is missing.",
    ),
    "math.kind.reciprocal": (
        "Your fraction is upside down.",
        "You have the reciprocal of what is asked for.",
        "Numerator and denominator have changed places.",
    ),
    "math.kind.swapped_digits": (
        "Two digits have changed places.",
        "You swapped two digits.",
        "Two of your digits are in each other's place.",
    ),
    "math.kind.unsimplified": (
        "Your fraction is equal to the answer, but it is not in lowest terms.",
        "Reduce your fraction further.",
        "The value is right; now bring the fraction to lowest terms.",
    ),
    "math.kind.not_expanded": (
        "Your expression is equal to the answer, but it is not multiplied out and collected.",
        "Multiply everything out and collect like terms.",
        "The value is right; now write it without parentheses, each power once.",
    ),
    "math.size.low": (
        "Your answer is too low.",
        "The answer is higher than that.",
        "That is too small.",
    ),
    "math.size.high": (
        "Your answer is too high.",
        "The answer is lower than that.",
        "That is too large.",
    ),
    "math.size.far_low": (
        "Your answer is far too low.",
        "The answer is much higher than that.",
        "That is much too small.",
    ),
    "math.size.far_high": (
        "Your answer is far too high.",
        "The answer is much lower than that.",
        "That is much too large.",
    ),
    "math.term.low": (
        "The coefficient of the {term} is too low.",
        "The {term} should have a higher coefficient.",
        "The {term} has too low a coefficient.",
    ),
    "math.term.high": (
        "The coefficient of the {term} is too high.",
        "The {term} should have a lower coefficient.",
        "The {term} has too high a coefficient.",
    ),
    "math.term.sign": (
        "The sign of the {term} is wrong.",
        "Check the sign of the {term}.",
        "The {term} has the wrong sign.",
    ),
    "math.term.missing": (
        "The {term} is missing.",
        "You have left out the {term}.",
        "Your answer lacks the {term}.",
    ),
    "math.term.extra": (
        "There should be no {term}.",
        "The {term} should not be there.",
        "Your {term} does not belong there.",
    ),
}

_MISTAKES: PhraseBank = {
    "math.kind.operation": (
        "Another operation is needed than the one that gives your number.",
        "Check which operation is asked for; yours is another one.",
        "Your number comes from the wrong operation.",
    ),
    "math.kind.order": (
        "Mind the order of operations.",
        "Your number comes from calculating in the wrong order.",
        "Check which operation comes first.",
    ),
    "math.kind.parentheses": (
        "The factor before the parentheses belongs to everything inside.",
        "Multiply every term in the parentheses, not only the first.",
        "You have left a term in the parentheses out of the multiplication.",
    ),
    "math.kind.distribute": (
        "The factor before the parentheses belongs to both terms inside.",
        "Multiply both terms in the parentheses.",
        "Check how you multiplied out the parentheses.",
    ),
    "math.kind.denominators": (
        "Fractions are not added by adding numerators and denominators.",
        "Do not add the denominators.",
        "Your number comes from adding the denominators too.",
    ),
    "math.kind.rest": (
        "That is what is left over, not the part that is asked for.",
        "You have found the rest; the other part is asked for.",
        "That is the other part of the whole.",
    ),
    "math.kind.moved": (
        "A term that changes sides has to change its sign.",
        "Check how you moved the number to the other side.",
        "You added where you should subtract, or the other way round.",
    ),
    "math.kind.every_term": (
        "Every term has to be multiplied, also those without x.",
        "You left a term out when you cleared the fractions.",
        "Multiply the numbers without x as well.",
    ),
    "math.kind.other_unknown": (
        "That is the value of the other unknown.",
        "You have found the other quantity than the one asked for.",
        "Read again which of the two is asked for.",
    ),
    "math.kind.other_root": (
        "That is a root, but not the one asked for.",
        "You have the other root.",
        "Read again which of the two roots is asked for.",
    ),
    "math.kind.half": (
        "You still have to halve something.",
        "A division by two is missing.",
        "Your answer is twice what it should be.",
    ),
    "math.kind.multiple": (
        "That is the least common multiple, not the greatest common divisor.",
        "You have found a common multiple; a common divisor is asked for.",
        "Divisor, not multiple.",
    ),
    "math.kind.divisor": (
        "That is the greatest common divisor, not the least common multiple.",
        "You have found a common divisor; a common multiple is asked for.",
        "Multiple, not divisor.",
    ),
    "math.kind.product": (
        "That is the product; there is a smaller common multiple.",
        "The product is a common multiple, but not the least.",
        "A smaller common multiple exists.",
    ),
    "math.kind.ends": (
        "The number itself and one are divisors too.",
        "You have left out the number itself and one.",
        "Count one and the number itself as well.",
    ),
    "math.kind.exponents": (
        "Add one to each exponent before you multiply.",
        "An exponent may also be zero, so there is one more choice for each prime.",
        "For each prime there is one more choice than its exponent.",
    ),
    "math.kind.base": (
        "Compare the change with the value before it, not after it.",
        "You divided by the wrong value.",
        "The value at the start is what counts as the whole.",
    ),
    "math.kind.chain": (
        "The two percentages are of different amounts, so they cannot be added.",
        "The second change is a percentage of what the first one left.",
        "Undo one change after the other.",
    ),
    "math.kind.mean": (
        "The mean of the two numbers is not what is asked for.",
        "You took the mean; the two do not count equally here.",
        "Do not take the mean of the two.",
    ),
    "math.kind.one_step": (
        "You went one step too far.",
        "That is one step too many.",
        "You are off by one step: one too far.",
    ),
    "math.kind.one_step_short": (
        "You stopped one step too early.",
        "One more step is needed.",
        "You are off by one step: one too few.",
    ),
    "math.kind.sign_of_x": (
        "You used the opposite number for x.",
        "Check the sign of the number you put in for x.",
        "Your number comes from the wrong sign of x.",
    ),
    "math.kind.height": (
        "That is the height of the curve there, not its slope.",
        "You put the number into the function; put it into the derivative.",
        "That is the value of the function, not of its derivative.",
    ),
    "math.kind.not_integrated": (
        "You subtracted values of the function, not of an antiderivative.",
        "Find an antiderivative before you put the limits in.",
        "The limits belong into an antiderivative.",
    ),
    "math.kind.perimeter": (
        "That is the perimeter, not the area.",
        "You have found the perimeter; the area is asked for.",
        "Area, not perimeter.",
    ),
    "math.kind.area": (
        "That is the area, not the perimeter.",
        "You have found the area; the perimeter is asked for.",
        "Perimeter, not area.",
    ),
    "math.kind.surface": (
        "That is the surface, not the volume.",
        "You have found the surface; the volume is asked for.",
        "Volume, not surface.",
    ),
    "math.kind.volume": (
        "That is the volume, not the surface.",
        "You have found the volume; the surface is asked for.",
        "Surface, not volume.",
    ),
    "math.kind.one_side": (
        "The path lies on both sides, so its width counts twice.",
        "You counted the path on one side only.",
        "Add the width of the path at both ends.",
    ),
    "math.kind.sum_of_sides": (
        "You added the sides themselves, not their squares.",
        "The squares of the sides add up, not the sides.",
        "Square the sides before you add.",
    ),
    "math.kind.difference_of_sides": (
        "You subtracted the sides themselves, not their squares.",
        "Take the difference of the squares, not of the sides.",
        "Square the sides before you subtract.",
    ),
    "math.kind.full_turn": (
        "The angles of a triangle add up to half a full turn, not a whole one.",
        "You used the sum of the angles of a quadrilateral.",
        "Check what the angles of a triangle add up to.",
    ),
    "math.kind.other_coordinate": (
        "That is the other coordinate.",
        "Read again which coordinate is asked for.",
        "You have found the other coordinate.",
    ),
    "math.kind.skipped": (
        "You have skipped a part of the problem.",
        "One of the conditions is not used yet.",
        "Read the problem again; you have left something out.",
    ),
    "math.kind.swapped_prices": (
        "You have swapped the two prices.",
        "Check which price belongs to which.",
        "The prices have changed places.",
    ),
}

_NEXT: PhraseBank = {
    "math.next.step": (
        "Next step: {action}",
        "Do this next: {action}",
        "Here is what to do now: {action}",
    ),
    "math.next.idea": (
        "Here is how to go about it: {idea}",
        "Try this: {idea}",
        "Think of the method: {idea}",
    ),
    "math.next.commit": (
        "End with a line that begins with Final answer: and gives one value.",
        "Commit to one value: write it after the words Final answer: on a line of its own.",
        "When you are ready, write Final answer: and one value.",
    ),
}

_AVOID: PhraseBank = {
    "math.avoid.same": (
        "Do not give the same answer again.",
        "Do not come back with this answer.",
        "Do not try that answer once more.",
    ),
    "math.avoid.lower": (
        "Do not go any lower.",
        "Do not try a smaller number.",
        "Do not make your answer smaller.",
    ),
    "math.avoid.higher": (
        "Do not go any higher.",
        "Do not try a larger number.",
        "Do not make your answer larger.",
    ),
    "math.avoid.digit": (
        "Do not change the {place} digit.",
        "Do not touch the {place} digit.",
        "Do not alter the {place} digit.",
    ),
    "math.avoid.slip": (
        "Do not go on from {left} = {right}.",
        "Do not build on {left} = {right}.",
        "Do not use that {left} is {right}.",
    ),
    "math.avoid.stopping": (
        "Do not stop after the {ordinal} step.",
        "Do not end at the {ordinal} step.",
        "Do not take the result of the {ordinal} step for the answer.",
    ),
    "math.avoid.unclear": (
        "Do not leave open which value is your answer.",
        "Do not write more than one value as your final answer.",
        "Do not put anything but one value after Final answer:.",
    ),
    "math.avoid.form": (
        "Do not change the value, only how it is written.",
        "Do not look for another value.",
        "Do not calculate anew; only the form is wrong.",
    ),
}

# Only noise says these: each is the contrary of a fact about a mistake.
_FALSE: PhraseBank = {
    "math.false.calculation": (
        "Your {ordinal} calculation is right.",
        "There is nothing wrong with your {ordinal} calculation.",
        "You need not look at your {ordinal} calculation again.",
    ),
    "math.false.equation": (
        "{left} is indeed {right}.",
        "You are right that {left} = {right}.",
        "You did well to write {left} = {right}.",
    ),
    "math.false.line": (
        "The line with {left} is right.",
        "There is nothing wrong where you write {left}.",
        "You need not check {left} again.",
    ),
    "math.false.method": (
        "You went about it in the right way; look for a slip.",
        "Your method is the right one.",
        "There is nothing wrong with how you went about it.",
    ),
    "math.false.sign": (
        "The sign is right.",
        "Your sign is right, the number is not.",
        "Keep the sign and change the number.",
    ),
    "math.false.length": (
        "Your answer has the wrong number of digits.",
        "The number of digits is wrong.",
        "There should be more digits or fewer.",
    ),
    "math.false.size": (
        "Even without its sign your number is wrong.",
        "Not the sign is wrong but the number.",
        "The size of your answer is wrong.",
    ),
    "math.false.nowhere": (
        "Your number is not the result of any step.",
        "Your number stands nowhere in the solution.",
        "No step of the solution leads to your number.",
    ),
    "math.false.term": (
        "Your {term} is as it should be.",
        "There is nothing wrong with the {term}.",
        "Keep the {term} as it is.",
    ),
    "math.false.value": (
        "Your value is wrong, whatever its form.",
        "It is the value that is wrong, not the form.",
        "The form is fine; the value is wrong.",
    ),
    "math.false.keep": (
        "Give the same answer again.",
        "Keep your answer.",
        "Stay with this answer.",
    ),
}

_ANSWERS: PhraseBank = {
    "math.answer.next_step": (
        "The next step: {action}",
        "Now do this: {action}",
        "You can go on like this: {action}",
    ),
    "math.answer.where_next": (
        "You are at the {ordinal} step of {count}.",
        "Work on the {ordinal} of {count} steps.",
        "Of {count} steps the {ordinal} comes next.",
    ),
    "math.answer.step_right": (
        "Yes, {equation} is right.",
        "{equation} is right.",
        "That step is right: {equation}.",
    ),
    "math.answer.step_wrong": (
        "No, {equation} is not right.",
        "{equation} is wrong.",
        "That step is wrong: {equation}.",
    ),
    "math.answer.step_unclear": (
        "I cannot judge that; write the step as a calculation.",
        "Write the step with an equals sign, and I will check it.",
        "Show me the step as an equation.",
    ),
    "math.answer.term": (
        "{meaning}",
        "It means this. {meaning}",
        "Let me explain. {meaning}",
    ),
    "math.answer.hint": (
        "A hint: {idea}",
        "Here is a hint. {idea}",
        "Think of this: {idea}",
    ),
    "math.answer.hint_step": (
        "A hint: {action}",
        "Here is a hint. {action}",
        "Try this: {action}",
    ),
    "math.answer.refuse": (
        "I will not tell you the answer. Make an attempt, and I will say what I see.",
        "The answer is for you to find. Ask for a hint, or try.",
        "I do not give the answer away. Show me your attempt.",
    ),
    "math.answer.commit": (
        "Give it as your final answer, and I will check it.",
        "Write it as your final answer, and you will see.",
        "I check only final answers. Commit to it if you believe it.",
    ),
}

PHRASES: PhraseBank = {
    **_DIGITS,
    **_RIGHT,
    **_WHERE,
    **_WHAT,
    **_MISTAKES,
    **_NEXT,
    **_AVOID,
    **_ANSWERS,
    **_FALSE,
}
MISTAKES = tuple(_MISTAKES)
"""The kinds of fact that name the well-known mistake which leads to the student's number."""
