"""Everything Slack: listeners in, blocks out."""
