"""Calls to language models: cost, tokens, limits, cut answers, models and providers that change."""
