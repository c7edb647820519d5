"""Acceptance scenarios: Kubernetes objects in, Avi objects and statuses out, through the real surfaces only."""
