"""`ako check`: what is wrong with manifests and settings, by the rules of the program."""
