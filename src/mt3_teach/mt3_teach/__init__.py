"""Recording, import, export and linting of demonstrations."""
