"""A simulated cell with the interfaces of a real arm and camera."""
