"""What looks unusual: rules over facts, findings with their evidence, what people made of them (metrics.md, anti-gaming)."""
