"""From a user's script to jobs of a scheduler: understood whole, made, submitted, asked after."""
