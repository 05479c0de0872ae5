"""Reports for people: pages of dialogues and plots."""
