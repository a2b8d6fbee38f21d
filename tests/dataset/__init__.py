"""The dataset: features, labels, parts and times, none of which may see the future."""
