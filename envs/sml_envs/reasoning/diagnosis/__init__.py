"""What the teacher finds in a wrong answer: the rules of the puzzles, checked one by one."""
