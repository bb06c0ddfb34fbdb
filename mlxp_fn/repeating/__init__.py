"""Running again what is recorded, and judging whether it came out the same."""
