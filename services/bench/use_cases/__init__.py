"""What the benchmark does, one verb each."""
