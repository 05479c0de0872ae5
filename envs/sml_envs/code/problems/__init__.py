"""Our own problems: functions to write, generated without end, with hidden tests. One topic a file or two."""
