"""An example plug-in of Genopraxis."""
