"""MySource objects (`example.org/v1`) as hosts on an Avi load balancer: a plugin for ako."""
