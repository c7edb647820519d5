"""Several replicas of the program, of which one writes."""
