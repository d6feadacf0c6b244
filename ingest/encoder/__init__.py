"""The built-in encoder and the door to every other."""
