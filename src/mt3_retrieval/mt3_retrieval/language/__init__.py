"""Task texts: a structured parse, and how near two tasks are."""

from mt3_retrieval.language.parse import parse
from mt3_retrieval.language.parsed import Noun, ParsedTask
from mt3_retrieval.language.similarity import similarity

__all__ = ['Noun', 'ParsedTask', 'parse', 'similarity']
