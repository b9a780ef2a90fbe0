"""Running programs: complete logs, time-outs, and nothing left behind."""
