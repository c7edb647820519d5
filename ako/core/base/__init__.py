"""Identities, errors, time and log: known to all, knowing nobody."""
