"""What happens beside the calls of the world: bots, log-ins, the assistant, and signals."""
