"""Every test. This file is needed: a library that we use installs a package of the same name."""
