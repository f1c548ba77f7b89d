"""The suite of more than a thousand tasks: skills on things of the catalogue, each taught by an expert and judged."""
