"""Proof by recordings: real Baseten traffic, served from loopback to the SDK, checked independently."""
