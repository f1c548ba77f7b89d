"""`mt3 demo`: teach a simulated cell tasks from one teleoperated demonstration each, then do them elsewhere."""
