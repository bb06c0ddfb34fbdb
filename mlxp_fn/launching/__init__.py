"""From a command line or a sweep to runs that were executed and recorded."""
