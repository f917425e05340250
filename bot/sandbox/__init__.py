"""A strict local Slack for the demonstration and the tests, spoken to over the wire."""
