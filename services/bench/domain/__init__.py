"""What is measured, what comes of it, and how it is shown. No I/O."""
