"""Backend placement on pod addresses."""
