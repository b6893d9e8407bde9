"""What is usual at this hour: profiles of calls and latency, error budgets, trends, the system before go-live."""
