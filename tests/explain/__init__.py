"""Situations of operators and users, and what `ako explain` has to tell of each: its cause, and what would mend it."""
