"""Preflight: what is wrong with a finished message, where, and what to do about it. Nothing is fetched.

A check is a function from a `Proof` to remarks; `checks` holds the table of all.
"""
