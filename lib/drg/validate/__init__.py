"""validate: which lists are live and which are fit; accepted + rejected = landed."""
