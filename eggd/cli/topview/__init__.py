"""The figures of a suite as a live view, for `eggd top`.

source.py    finds the address of the metrics and reads the page
figures.py   the figures of each worker on one page
rates.py     what they mean: requests a second and latencies, from two pages
screen.py    the table, with sparklines
terminal.py  the keys of a terminal, and how it is restored
"""
