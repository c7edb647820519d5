"""OpenShift Routes."""
