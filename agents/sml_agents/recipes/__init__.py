"""Runs that are known to fit together, as files for `sml-gym train --config NAME` (here without `.yaml`)."""
