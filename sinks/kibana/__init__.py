"""Kibana as code: panels as small values, compiled to saved objects and to the aggregations that each panel runs."""
