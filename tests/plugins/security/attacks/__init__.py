"""Attacks on an app with the plugin security, over raw sockets and in a browser.

rows.py           what a row of the table is, and how a feature adds its own
rows_requests.py  attacks by one request
rows_uploads.py   uploads: names of files, and forged forms
rows_pages.py     places of a page, and the texts that are written there
sample.py         the application that is attacked
"""
