"""The commands, one module per subject."""

from aina_data_engine.commands import patches, places, published, questions, stages
from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import NAME, engine

for module in (places, patches, stages, published, questions):
    engine.add_subject(module.SUBJECT)

__all__ = ["NAME", "Call", "engine"]
