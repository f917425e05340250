"""Builds and parses views and messages: ids in one place, texts escaped and within Slack's limits."""
