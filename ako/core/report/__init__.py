"""What became of each source object, told in statuses, Events and log lines."""
