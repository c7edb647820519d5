"""All hosts at a glance: kept as outcomes are told, read by whoever looks, while the thinking thread goes on."""
