"""Who somebody is: API keys, a portal's signed tokens, sessions, and a line for each of them in the audit.

In: what a request brings to prove itself. Out: a Visitor, or nobody. It decides nothing about papers, and keeps no
secret: the state holds hashes.
"""
