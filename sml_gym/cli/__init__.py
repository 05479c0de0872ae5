"""The command line `sml-gym`: one file a command."""
