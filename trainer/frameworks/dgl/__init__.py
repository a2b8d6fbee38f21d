"""DGL: its layers behind the training that all frameworks on torch share."""
