"""All claims of one host → one virtual host: who is served, with whose certificate."""
