"""How answers of plugins are judged."""
