"""The verifier: asks for proofs in a job platform's terms and judges the answers in seven steps."""
