"""Kubernetes: list and watch, statuses and Events; an API server or a folder of manifests."""
