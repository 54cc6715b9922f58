"""
Manual upload: a workbook that the customer fills in, where no software can be asked.

`columns.py` is the workbook as a table; the template is made from it and the reader
goes by it. Reading is done by a process of its own, `python -m providers.workbook`,
since a file from outside may ask for any amount of memory and time.
"""
