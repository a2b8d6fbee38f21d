"""What can be chosen by name: models and frameworks, a row each. Nothing of the program is imported here."""
