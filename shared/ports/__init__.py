"""What shared code needs from the outside, as protocols."""
