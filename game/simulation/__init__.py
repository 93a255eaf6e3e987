"""The clockwork: controls in, state and raw events out, in fixed steps. No screen, no score."""
