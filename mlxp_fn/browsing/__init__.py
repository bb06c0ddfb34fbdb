"""What the commands that show and keep runs do: each a function that returns a record."""
