"""The guard: what stands before everything that answers requests, and lets through what may pass.

In: any request. Out: the same one with its lies taken out and its visitor found, or a refusal. It knows no page, no bot
and no newspaper.
"""
