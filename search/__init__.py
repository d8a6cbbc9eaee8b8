"""Full-text search that knows no web framework and no database: plain documents in, plain answers out."""
