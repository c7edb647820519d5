"""The hosts of one tree → the tree; and the tables that lead from the store to it."""
