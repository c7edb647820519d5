"""Services of type LoadBalancer."""
