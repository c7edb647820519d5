"""OpenShift Routes: source discovery, passthrough translation, and status."""
