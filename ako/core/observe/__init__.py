"""What is on the Avi Controller and in its cloud, as last seen."""
