"""The protocol on disk: paths, files and names, and nothing of policy."""
