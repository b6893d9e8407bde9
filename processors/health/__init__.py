"""The health stage: from window sums to findings: what broke, exactly where, since when, how sure."""
