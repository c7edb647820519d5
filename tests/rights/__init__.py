"""The rights that the controller ships with: everything runs with them, and with one of them less something fails."""
