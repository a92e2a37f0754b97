"""The tagger: label codec, windows, inference, facets, grammar and decoder."""
