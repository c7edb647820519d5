"""Commands, through the command line."""
