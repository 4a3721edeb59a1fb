"""Suppression: whose address must stay hidden (DV等支援措置), decided in one place and on the safe side.

Read     in_force.py
"""
