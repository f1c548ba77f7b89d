"""Demonstration library, language, alignment, and the retrieval service."""
