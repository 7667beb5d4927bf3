"""The words of Genopraxis as plain data: no input or output, no algorithm."""
