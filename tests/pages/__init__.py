"""The pages of docs/: what their commands do, where their links lead, and the site that is made of them."""
