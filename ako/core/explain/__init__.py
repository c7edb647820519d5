"""Why each thing is as it is: what the stages concluded, told from the source object to the servers and back."""
