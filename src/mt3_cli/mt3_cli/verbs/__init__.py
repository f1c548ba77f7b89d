"""One file per verb of the `mt3` command."""
