"""DGL as a framework: its layers say what PyG's say, and all else is as with PyG."""
