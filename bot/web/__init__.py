"""The archive's own pages: server-rendered HTML under a policy that lets no script run but ours.

In: a Bot. Out: routes that `bot/page/server.py` puts before the chat. They only read; what an asker types never stands
in an address that a server hears of.
"""
