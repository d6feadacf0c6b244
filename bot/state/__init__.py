"""What people did with the bot, and the keys and sign-ins that prove who they are. The one room of SQLAlchemy.

In: an owner and what was asked and answered. Out: the same again, to that owner alone. It lies beside the archive's
generations, untouched by rollback, and never searches, answers or shows anything.
"""

from bot.state.models import Conversation, Exchange, KeptPassage, Key, Shared, SignIn, Told, Verdict
from bot.state.proofs import Proofs
from bot.state.store import State

__all__ = ["Conversation", "Exchange", "KeptPassage", "Key", "Proofs", "Shared", "SignIn", "State", "Told", "Verdict"]
