"""Licenses, and nothing of Slack: rules, tables, queries, files."""
