"""What the Makefile calls to set a machine up; none of it is part of the product."""
