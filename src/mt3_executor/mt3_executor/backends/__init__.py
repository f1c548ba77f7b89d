"""What plans and moves the arm, behind `mt3_executor.ports.Backend`."""
