"""The three panes of the main screen. They draw what they are given, and post messages."""
