"""The page that is made of what `ako` and `ako.testing` export: docstrings, signatures, fields."""
