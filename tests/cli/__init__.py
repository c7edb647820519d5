"""The command line, as far as it is not one command's own."""
