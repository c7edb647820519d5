"""A Kubernetes API server, or a folder of manifests, told as changes; takes statuses and Events back."""
