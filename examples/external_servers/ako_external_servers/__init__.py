"""Services whose servers are outside of the cluster, as an annotation names them: a plugin for ako."""
