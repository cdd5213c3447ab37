"""The terminal UI: draws snapshots and calls the roles. It never touches the disk on its own."""
