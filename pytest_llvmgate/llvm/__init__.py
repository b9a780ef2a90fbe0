"""From a candidate and a flavour to a verified toolchain prefix that ``find_package`` can use."""
