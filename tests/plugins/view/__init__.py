"""Pages from templates: names, engines, variables, and what an attacker tries."""
