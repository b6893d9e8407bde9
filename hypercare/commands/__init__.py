"""One module per group of subcommands: arguments in, calls out, lines printed; no rules here."""
