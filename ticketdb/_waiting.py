"""Waiting, in both kinds: `tools/unasync.py` turns the names of one into those of the other."""

from asyncio import Lock as AsyncLock
from asyncio import sleep as asleep
from threading import Lock
from time import sleep

__all__ = ["AsyncLock", "Lock", "asleep", "sleep"]
