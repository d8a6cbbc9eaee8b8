"""Frozen figures: the facts they rest on in a signed file that anybody can count again without this installation.

`encoding` facts as plain JSON and back; `document` the file; `signing` whose it is; `checking` what it proves.
"""
