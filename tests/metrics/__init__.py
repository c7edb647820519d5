"""Metrics: what is told of each state through the real surface, and the page that lists them."""
