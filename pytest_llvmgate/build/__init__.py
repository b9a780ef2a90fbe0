"""One configuration's configure, build, install and check."""
