"""Commands: those that operators give to lanes (offered, signed, sent), and the program's own verb."""
