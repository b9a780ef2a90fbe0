"""The stages of the gate: one configuration's configure, build, install and check, and the predictions beside them."""
