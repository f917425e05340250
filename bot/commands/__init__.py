"""The commands of `license-desk`, one file per group. What is slow to load is loaded by the command itself."""
