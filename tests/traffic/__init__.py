"""What clients get: promises read from a cluster, and the states that Go AKO left behind."""
