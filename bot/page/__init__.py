"""The chat page: the one room of gradio, fastapi and uvicorn. In: a Bot. Out: a page served on one address.

It never searches, never decides and never writes; what newspapers and askers wrote passes it only escaped.
"""

import os

# Gradio calls home for each Blocks it builds unless this stands before the first one; it is no setting of ours.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# At the end of each event it sums up the last 10,000 with pandas, for a page of figures that is switched off here.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
