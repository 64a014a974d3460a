"""What is being asked, and about where. Replaceable as a whole behind `understanding.question.Understanding`."""
