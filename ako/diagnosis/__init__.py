"""What is wrong around the program, asked one by one, and what a bug report needs of it."""
