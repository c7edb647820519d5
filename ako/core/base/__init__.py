"""Identities, errors, time, log and YAML: known to all, knowing nobody."""
