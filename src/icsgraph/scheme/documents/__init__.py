"""What a board publishes, made from the graph of its scheme."""
