"""The benchmark of a thousand tasks: the nodes' own code, in process, physics as fast as it runs."""
