"""Text on the ground floor: the form of a value, readings in one form, kanji variants in one form.

Read     form.py (what may be shown of a value), kana.py (readings), variants.py (kanji).
"""
