"""The page in a real browser: what a reader sees and can do, and how much of it there may be at once."""
