"""The Web API: one file for each family of methods, one table of all of them in `methods`."""
