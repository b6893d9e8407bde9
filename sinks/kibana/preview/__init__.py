"""Dashboards without Kibana: a page each, drawn from the same panels and the same searches."""
