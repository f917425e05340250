"""How each kind of delivery is sent: one file per kind, each with one function of a `Job`."""
