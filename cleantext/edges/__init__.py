"""The first and the last word of a text: whether a window cut them, and what they were."""
