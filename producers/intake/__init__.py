"""Events over HTTP: validated at the door, answered only when Kafka has them."""
