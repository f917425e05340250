"""The database's versions, applied by `store.migrating`."""
