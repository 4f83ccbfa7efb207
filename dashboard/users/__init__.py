"""Who may see and do what: accounts, passwords, sessions."""
