"""The mt3 command."""
