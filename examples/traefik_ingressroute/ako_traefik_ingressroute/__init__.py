"""IngressRoutes of Traefik (`traefik.io/v1alpha1`) as hosts on an Avi load balancer: a plugin for ako."""
