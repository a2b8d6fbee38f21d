"""The settings in groups, one a file; each room of the program is handed the groups that it needs."""
