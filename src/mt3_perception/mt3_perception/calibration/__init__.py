"""Where the camera is, measured with a ChArUco board: no ROS in here."""
