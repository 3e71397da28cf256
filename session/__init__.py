"""Running graphs: the part asked for becomes a Plan, the Plan a Program, the Program arrays."""
