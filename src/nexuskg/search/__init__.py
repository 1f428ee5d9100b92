"""Names of things, and what there is to say of one."""
