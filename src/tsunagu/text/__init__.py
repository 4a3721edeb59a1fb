"""Text on the ground floor: the form of a value, readings, kanji variants and dates in one form; files of a city.

Read     form.py (what may be shown of a value), kana.py (readings), variants.py (kanji), romaji.py (Latin letters),
         dates.py (days as departments write them), search.py (what is searched and what is typed),
         then tomlfile.py (a city's files, with every mistake at its line).
"""
