"""HTTP with an Avi Controller and its JSON; knows no plan."""
