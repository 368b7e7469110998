"""What many learners need: a model over measured costs, and a simulation of a national issuing day (`ujuzi scale`)."""
