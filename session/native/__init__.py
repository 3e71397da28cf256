"""Small steps as machine code: what many little nodes compute, in one call that costs what one of them did."""
