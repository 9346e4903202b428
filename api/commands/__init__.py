"""One module for each command of `zhike`."""
