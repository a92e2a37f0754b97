"""The canonical version of a story: what a text is aligned with and checked against."""
