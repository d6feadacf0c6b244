"""What people did with the bot: conversations, feedback, shares. The one room of SQLAlchemy.

In: an owner and what was asked and answered. Out: the same again, to that owner alone. It lies beside the archive's
generations, untouched by rollback, and never searches, answers or shows anything.
"""

from bot.state.models import Conversation, Exchange, KeptPassage, Shared, Told, Verdict
from bot.state.store import State

__all__ = ["Conversation", "Exchange", "KeptPassage", "Shared", "State", "Told", "Verdict"]
