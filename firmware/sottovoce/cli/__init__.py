"""The `sottovoce` command, one file a group of verbs."""
