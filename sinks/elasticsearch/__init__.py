"""Elasticsearch: templates, documents and the loop that writes them once each."""
