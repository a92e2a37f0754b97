"""Training the tagger: needs the extra ``train``; the library itself never imports it."""
