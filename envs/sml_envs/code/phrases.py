"""How the facts about programs are said. Every phrasing stands alone as a sentence or two."""

from __future__ import annotations

from sml_gym import PhraseBank

_WHERE: PhraseBank = {
    "code.tests.some": (
        "Your code passes {passed} of {total} tests.",
        "Of {total} tests your code passes {passed}.",
        "{passed} of the {total} tests come out right.",
    ),
    "code.tests.none": (
        "None of the {total} tests passes.",
        "Your code passes none of {total} tests.",
        "All {total} tests fail.",
    ),
    "code.right.label": (
        "Your code is right for {label}.",
        "For {label} all is well.",
        "The tests with {label} pass.",
    ),
    "code.where.syntax": (
        "Python stops reading at line {line}.",
        "Look at line {line}: it is not Python.",
        "The trouble is at line {line}.",
    ),
    "code.where.name": (
        "There is no function with the name that is asked for.",
        "Look at what your function is called.",
        "I do not find the function that the problem names.",
    ),
    "code.where.signature": (
        "Look at the first line of your function.",
        "It cannot be called as the problem says.",
        "Compare your signature with the one in the problem.",
    ),
    "code.where.line": (
        "It breaks on line {line}.",
        "Line {line} does not go through.",
        "Look at line {line} of your code.",
    ),
    "code.where.case": (
        "It goes wrong for {label}.",
        "Look at what it does for {label}.",
        "The trouble is with {label}.",
    ),
    "code.load.where": (
        "It breaks before it can be called, on line {line}.",
        "Line {line} stops your code before any test.",
        "Your code does not load: look at line {line}.",
    ),
}

_WHAT: PhraseBank = {
    "code.kind.syntax": (
        "Python cannot read line {line}: {problem}.",
        "Line {line} is not valid Python: {problem}.",
        "There is a syntax error on line {line}: {problem}.",
    ),
    "code.kind.unreadable": (
        "Python cannot read it: {problem}.",
        "It is not valid Python: {problem}.",
    ),
    "code.kind.name": (
        "Your function is called {given}, but the problem asks for {wanted}.",
        "The function has to be called {wanted}, not {given}.",
        "I find {given} where there should be {wanted}.",
    ),
    "code.kind.no_function": (
        "Your code defines no function {wanted}.",
        "There is no {wanted} in your code.",
        "I look for a function called {wanted} and find none.",
    ),
    "code.kind.parameters": (
        "The number of parameters is wrong: yours takes {given}, and it is called with {wanted}.",
        "Your function takes {given} where {wanted} should go in; count the parameters.",
        "It is called with {wanted} of them, but your function takes {given}; check its parameters.",
    ),
    "code.kind.exception": (
        "For {label} it raises {exception} on line {line}.",
        "Line {line} raises {exception} for {label}.",
        "It ends with {exception} on line {line} for {label}.",
    ),
    "code.kind.raises": (
        "For {label} it raises {exception}.",
        "It ends with {exception} for {label}.",
        "There is an exception for {label}: {exception}.",
    ),
    "code.kind.recursion": (
        "For {label} your function calls itself without end.",
        "The recursion does not end for {label}.",
        "It calls itself again and again for {label}.",
    ),
    "code.kind.slow": (
        "It takes too long for {label}.",
        "It does not end in time for {label}.",
        "It is too slow for {label}.",
    ),
    "code.kind.memory": (
        "It needs too much memory for {label}.",
        "For {label} it runs out of memory.",
        "It uses more memory than it may for {label}.",
    ),
    "code.kind.flood": (
        "It prints or returns far too much for {label}.",
        "For {label} there is far too much output.",
        "There is no end to what it gives out for {label}.",
    ),
    "code.kind.crash": (
        "It takes its interpreter down for {label}.",
        "Python itself breaks down for {label}.",
        "It crashes the interpreter for {label}.",
    ),
    "code.kind.not_plain": (
        "It does not return a plain value for {label}, such as a list or a number.",
        "What it returns for {label} is no plain value; perhaps a generator or a function.",
        "It returns an object where a plain value should be for {label}.",
    ),
    "code.kind.prints": (
        "It prints the result instead of returning it, for {label} at least.",
        "For {label} it prints something and returns None.",
        "Printing is not returning: for {label} it returns None.",
    ),
    "code.kind.none": (
        "It returns None for {label}.",
        "For {label} it returns nothing.",
        "Nothing comes back for {label}.",
    ),
    "code.kind.in_place": (
        "It changes its argument and returns None for {label}.",
        "For {label} it does its work in place and returns nothing.",
        "The argument is changed but nothing is returned for {label}.",
    ),
    "code.kind.type": (
        "It returns {got} where {wanted} is expected, for {label}.",
        "For {label} it gives {got}, not {wanted}.",
        "The type is wrong for {label}: {got} and not {wanted}.",
    ),
    "code.kind.constant": (
        "It returns the same value whatever its input, so it is wrong for {label}.",
        "The value does not depend on the input, and is wrong for {label}.",
        "Whatever goes in, the same comes out; that is wrong for {label}.",
    ),
    "code.kind.negated": (
        "It says the opposite of what it should, also for {label}.",
        "True and False have changed places, also for {label}.",
        "The condition is the wrong way round, also for {label}.",
    ),
    "code.kind.truth": (
        "It says {got} for {label} where it should not.",
        "For {label} it wrongly returns {got}.",
        "{got} is the wrong answer for {label}.",
    ),
    "code.kind.sign": (
        "The sign of the result is wrong for {label}.",
        "For {label} the number has the wrong sign.",
        "Check the sign of the result for {label}.",
    ),
    "code.kind.one_low": (
        "The result is one too low for {label}.",
        "For {label} it is off by one: too low.",
        "One is missing from the number for {label}.",
    ),
    "code.kind.one_high": (
        "The result is one too high for {label}.",
        "For {label} it is off by one: too high.",
        "The number is too high by one for {label}.",
    ),
    "code.kind.low": (
        "The result is too low for {label}.",
        "For {label} the number is too small.",
        "It should be a higher number for {label}.",
    ),
    "code.kind.high": (
        "The result is too high for {label}.",
        "For {label} the number is too large.",
        "It should be a lower number for {label}.",
    ),
    "code.kind.rounding": (
        "The result is nearly right for {label}; look at the rounding.",
        "For {label} only the rounding is wrong.",
        "The number is a trifle off for {label}: check how you round.",
    ),
    "code.kind.case": (
        "Only small and capital letters are wrong for {label}.",
        "For {label} the case of the letters is wrong.",
        "Mind the case of the letters for {label}.",
    ),
    "code.kind.blanks": (
        "Only the blanks are wrong for {label}.",
        "For {label} the spacing is wrong.",
        "Mind the blanks for {label}.",
    ),
    "code.kind.reversed": (
        "The result is the wrong way round for {label}.",
        "For {label} it comes out backwards.",
        "The order is exactly reversed for {label}.",
    ),
    "code.kind.letters_order": (
        "The letters are right but in the wrong order for {label}.",
        "For {label} the order of the letters is wrong.",
        "It has all the letters for {label}, but not in their order.",
    ),
    "code.kind.letters": (
        "Some letters are wrong for {label}.",
        "For {label} the text has the right length and wrong letters.",
        "The length is right for {label}, but not the letters.",
    ),
    "code.kind.short": (
        "The text is too short for {label}.",
        "For {label} letters are missing.",
        "There should be more text for {label}.",
    ),
    "code.kind.long": (
        "The text is too long for {label}.",
        "For {label} there are too many letters.",
        "There should be less text for {label}.",
    ),
    "code.kind.order": (
        "The items are right but in the wrong order for {label}.",
        "For {label} the order of the items is wrong.",
        "It has all the items for {label}, but not in their order.",
    ),
    "code.kind.items": (
        "Some items are wrong for {label}.",
        "For {label} wrong items stand where others should.",
        "There are items in the result for {label} that do not belong there, and others are missing.",
    ),
    "code.kind.missing": (
        "Something is missing from the result for {label}.",
        "For {label} it leaves something out.",
        "There should be more in the result for {label}.",
    ),
    "code.kind.extra": (
        "There is too much in the result for {label}.",
        "For {label} it keeps something that should go.",
        "There should be less in the result for {label}.",
    ),
    "code.kind.keys": (
        "Some keys are wrong for {label}.",
        "For {label} the dictionary has wrong keys.",
        "Check the keys of the dictionary for {label}.",
    ),
    "code.kind.values": (
        "The keys are right for {label}, but not all values.",
        "For {label} some values in the dictionary are wrong.",
        "Check the values of the dictionary for {label}.",
    ),
    "code.kind.silent": (
        "It prints nothing for {label}.",
        "For {label} there is no output.",
        "No output comes for {label}.",
    ),
    "code.kind.fewer_lines": (
        "It prints too few lines for {label}.",
        "For {label} lines are missing from the output.",
        "There should be more lines for {label}.",
    ),
    "code.kind.more_lines": (
        "It prints too many lines for {label}.",
        "For {label} there are lines too many in the output.",
        "There should be fewer lines for {label}.",
    ),
    "code.kind.printed": (
        "What it prints is wrong for {label}.",
        "For {label} the output differs from what is expected.",
        "The number of lines is right for {label}, but not what stands in them.",
    ),
    "code.kind.wrong": (
        "The value is wrong for {label}.",
        "For {label} it returns the wrong value.",
        "It does not return the right value for {label}.",
    ),
    "code.load.exception": (
        "Line {line} raises {exception} before the function is called at all.",
        "Your code does not load: {exception} on line {line}.",
        "It ends with {exception} on line {line} as soon as it is loaded.",
    ),
    "code.load.raises": (
        "It raises {exception} before the function is called at all.",
        "Your code does not load: it raises {exception}.",
        "It ends with {exception} as soon as it is loaded.",
    ),
    "code.load.slow": (
        "Your code does not even load in time; something outside the function takes too long.",
        "It takes too long before the function is called at all.",
    ),
    "code.load.limits": (
        "Your code does not load: it asks for more than it may use.",
        "It breaks its bounds before the function is called at all.",
    ),
}

_EXAMPLES: PhraseBank = {
    "code.example.where": (
        "The example {call} does not come out right.",
        "Check the example {call}.",
        "Try {call}, which is in the problem.",
    ),
    "code.example.value": (
        "{call} should give {expected}, and yours gives {got}.",
        "For {call} the problem says {expected}; your code returns {got}.",
        "In the problem {call} gives {expected}, with your code {got}.",
    ),
    "code.example.raises": (
        "{call} should give {expected}, and yours raises {exception}.",
        "For {call} the problem says {expected}; your code raises {exception}.",
    ),
    "code.example.expected": (
        "{call} should give {expected}.",
        "For {call} the problem says {expected}.",
    ),
    "code.hidden.value": (
        "Work out by hand what {call} should give: yours gives {got}, which is wrong.",
        "Try {call}: your code returns {got}, and that is not right.",
        "With {call} yours gives {got}. Think about what it should be.",
    ),
    "code.hidden.raises": (
        "Try {call}: your code raises {exception}.",
        "With {call} yours raises {exception}.",
    ),
    "code.private.expected": ("{call} should give {expected}.",),
}

_NEXT: PhraseBank = {
    "code.next.step": (
        "Next step: {action}",
        "Do this next: {action}",
        "Here is what to do now: {action}",
    ),
    "code.next.return": (
        "Let the function end with a return of its result.",
        "Return the result.",
        "Put the result behind a return.",
    ),
    "code.next.rename": (
        "Name the function {wanted}.",
        "Call your function {wanted}.",
        "Define a function {wanted}.",
    ),
    "code.next.parameters": (
        "Take over the first line of the function from the problem.",
        "Write the parameters as they stand in the problem.",
    ),
    "code.next.faster": (
        "Look for a loop that does not end, or for work that is done again and again.",
        "Make sure that every loop ends, and do no work twice.",
    ),
    "code.next.plain": (
        "Make a list, a number or a text of the result before you return it.",
        "Return a plain value, such as a list.",
    ),
    "code.next.commit": (
        "Write your code in a block that begins with ```python and ends with ```.",
        "Give your code in a fenced block: ```python on the line before it, ``` on the line after.",
        "When you are ready, put your code between ```python and ```.",
    ),
}

_AVOID: PhraseBank = {
    "code.avoid.same": (
        "Do not hand in the same code again.",
        "Do not come back with this code.",
        "Do not try that code once more.",
    ),
    "code.avoid.label": (
        "Do not change what it does for {label}.",
        "Do not touch what happens for {label}.",
        "Do not alter the result for {label}.",
    ),
    "code.avoid.print": (
        "Do not print the result.",
        "Do not use print for the result.",
    ),
    "code.avoid.loop": (
        "Do not go on without making sure that it ends for {label}.",
        "Do not repeat what never ends for {label}.",
    ),
    "code.avoid.unclear": (
        "Do not put anything but Python into the block.",
        "Do not write words between the lines of code.",
    ),
}

# Only noise says these: each is the contrary of a fact about a mistake.
_FALSE: PhraseBank = {
    "code.false.line": (
        "There is nothing wrong with line {line}.",
        "Line {line} is as it should be.",
        "You need not look at line {line}.",
    ),
    "code.false.name": (
        "Your function has the right name.",
        "The name of your function is fine.",
        "Keep the name of your function.",
    ),
    "code.false.signature": (
        "The first line of your function is as it should be.",
        "There is nothing wrong with the parameters.",
        "Keep the parameters as they are.",
    ),
    "code.false.returns": (
        "What your function returns is right.",
        "There is nothing wrong with what your function returns.",
        "Keep what your function returns.",
    ),
    "code.false.tests": (
        "Most of the {total} tests pass.",
        "Nearly all of the {total} tests come out right.",
        "Only one of the {total} tests fails.",
    ),
    "code.false.example": (
        "The result of {call} is as it should be.",
        "There is nothing wrong with {call}.",
        "Your code is right on {call}.",
    ),
    "code.false.load": (
        "Your code loads without trouble.",
        "Everything outside the function is fine.",
    ),
    "code.false.keep": (
        "Hand in the same code again.",
        "Keep your code as it is.",
        "Stay with this code.",
    ),
}

_ANSWERS: PhraseBank = {
    "code.answer.example": (
        "The problem says: {call} should give {expected}.",
        "Here is an example: {call} gives {expected}.",
        "For example, {call} has to give {expected}.",
    ),
    "code.answer.tested": (
        "It is tested with {label}. Read in the problem what belongs there.",
        "Yes, think of {label}: there are tests with that.",
        "There are tests with {label}; the problem says what to do with it.",
    ),
    "code.answer.untested": (
        "No test is about that.",
        "That does not occur in the tests.",
    ),
    "code.answer.step": (
        "Think of this step: {action}",
        "This is the step for it: {action}",
        "That is settled here: {action}",
    ),
    "code.answer.next_step": (
        "The next step: {action}",
        "Now do this: {action}",
        "You can go on like this: {action}",
    ),
    "code.answer.count": (
        "It takes {count} steps; begin with the first.",
        "I would do it in {count} steps.",
        "There are {count} steps to it.",
    ),
    "code.answer.hint": (
        "A hint: {idea}",
        "Here is a hint. {idea}",
        "Think of this: {idea}",
    ),
    "code.answer.signature": (
        "The first line has to be {signature}: as in the problem.",
        "Begin with {signature} as the problem says.",
    ),
    "code.answer.type": (
        "It has to return {type}.",
        "What comes back should be of type {type}.",
    ),
    "code.answer.tests": (
        "There are {total} tests; some of them stand in the problem.",
        "It is tested {total} times, with the examples of the problem and with others.",
    ),
    "code.answer.term": (
        "{meaning}",
        "It means this. {meaning}",
        "Let me explain. {meaning}",
    ),
    "code.answer.library": (
        "What comes with Python may be used; other packages, files and the network may not.",
        "Use Python and its standard library. There are no other packages, files or network.",
    ),
    "code.answer.show": (
        "Show me the code in a fenced block, and I will run it and say which tests fail.",
        "Send your code again: I run it and tell you what goes wrong.",
        "I can only tell from the code. Send it in a fenced block.",
    ),
    "code.answer.kinds": (
        "Try it with {kinds}. If you send the code again, I will say which tests fail.",
        "Without the code I cannot tell; have you thought of {kinds}?",
        "The tests have inputs such as {kinds}. Show me the code, and I will say more.",
    ),
    "code.answer.refuse": (
        "I will not write the code for you. Make an attempt, and I will say what I see.",
        "The code is for you to write. Ask for a hint, or try.",
        "I do not give the solution away. Show me your attempt.",
    ),
}

PHRASES: PhraseBank = {**_WHERE, **_WHAT, **_EXAMPLES, **_NEXT, **_AVOID, **_FALSE, **_ANSWERS}
