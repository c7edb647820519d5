"""Known secrets go through every command and every fault, and all that comes out is searched for them."""
