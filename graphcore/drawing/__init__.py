"""Pictures of graphs: name scopes as boxes, operations inside, data flowing downwards; SVG without scripts or network."""
