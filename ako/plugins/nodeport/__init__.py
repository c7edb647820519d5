"""Backend placement on node ports."""
