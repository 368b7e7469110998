"""How the issuer's ports are met, named by technology."""
