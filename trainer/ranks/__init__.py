"""Several processes that train one model: who they are, what they tell each other, and which part of the graph is whose."""
