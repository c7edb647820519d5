"""Traffic through a load balancer: what a client asks, and who answers."""
