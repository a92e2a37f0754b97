"""Finding what scrapers leave between the paragraphs: rules, repeats, teasers by their place."""

from cleantext.boilerplate.findings import BoilerplateKind, Finding
from cleantext.boilerplate.layout import find

__all__ = ["BoilerplateKind", "Finding", "find"]
