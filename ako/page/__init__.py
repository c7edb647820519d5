"""The page at `/ui`, as a browser gets it: no step makes anything of these files, and they fetch nothing of others."""
