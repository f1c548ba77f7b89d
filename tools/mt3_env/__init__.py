"""Makes the environment that the stack runs in: Python, packages, interfaces, variables. Standard library only."""
