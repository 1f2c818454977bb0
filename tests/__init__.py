"""Tests. Each check has been seen to fail: the planted defect stands beside it."""
