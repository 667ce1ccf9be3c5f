"""Sending what is in the outbox: claimed message by message, handed to a command or posted to a webhook."""
