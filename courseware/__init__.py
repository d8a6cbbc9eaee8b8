"""The product, by subject."""
