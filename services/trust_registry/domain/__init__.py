"""What an accreditation is and how it may change: plain data and functions."""
