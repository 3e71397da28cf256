"""What a graph is: dtypes, shapes, declarations of ops, nodes, graphs, scopes."""
