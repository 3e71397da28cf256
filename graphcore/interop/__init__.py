"""Graphs and tensors to protobuf and back (import the module you need)."""
