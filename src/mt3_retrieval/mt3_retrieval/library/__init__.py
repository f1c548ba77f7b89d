"""The demonstration library on LanceDB."""

from mt3_retrieval.library.finding import Finding
from mt3_retrieval.library.library import DemoLibrary
from mt3_retrieval.library.schema import Brief, Record
from mt3_retrieval.library.versions import Version

__all__ = ['Brief', 'DemoLibrary', 'Finding', 'Record', 'Version']
