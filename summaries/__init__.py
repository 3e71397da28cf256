"""Event files for TensorBoard: summary messages, records and the `FileWriter` (import the module you need)."""
