"""Clients of a host stay at the server they had, by a persistence profile: a plugin for ako."""
