"""What a plugin can do wrong: each of it as an author might write it, what becomes of it, and what limits it."""
