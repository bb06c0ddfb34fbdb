"""A report on runs as one HTML page that needs nothing else."""
