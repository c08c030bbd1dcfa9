"""The machine: its screen, its files, its sockets, its service manager."""
