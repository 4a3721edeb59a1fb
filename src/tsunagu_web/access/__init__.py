"""Access: the one table of who may do what to which object, and the functions that apply it.

Read     table.py (role x object x action), then policy.py (views and fields), then querysets.py (rows).
"""
