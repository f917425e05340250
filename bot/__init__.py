"""The running program: settings, wiring, command line, servers, courier."""
