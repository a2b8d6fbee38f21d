"""Talking while a run goes: where events are sent, and how a person sees them."""
