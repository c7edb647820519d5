"""The plugins that come with the project."""
