"""The lane: its wire contract (`messages`), its pure rules (`lane`), its daemon and its commands."""
