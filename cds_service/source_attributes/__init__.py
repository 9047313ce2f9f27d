"""What a hospital must be able to read of a decision support intervention before it relies on it."""
