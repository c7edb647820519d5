"""Ingress: source discovery and status."""
