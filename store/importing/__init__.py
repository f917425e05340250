"""Loading what the operators own from a file: products, companies, people, infrastructures and slots."""

from store.importing.changes import Kind, Options, Plan
from store.importing.loading import check, load

__all__ = ["Kind", "Options", "Plan", "check", "load"]
