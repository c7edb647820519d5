"""Servers that an annotation of a Service lists, such as machines outside of the cluster: a plugin for ako."""
