"""Questions to Elasticsearch in a person's words, and the shape of their answers."""
