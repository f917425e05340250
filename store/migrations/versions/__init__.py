"""One file per version of the database; its name begins with the version's number."""
