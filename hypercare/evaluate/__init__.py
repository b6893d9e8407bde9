"""The product's own rules on files whose truth others know."""
