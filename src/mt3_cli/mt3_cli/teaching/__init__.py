"""The guided teaching session in a terminal: `mt3 teach`."""
