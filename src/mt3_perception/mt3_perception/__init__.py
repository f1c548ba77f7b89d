"""RGB-D to segmented objects on the support plane."""
