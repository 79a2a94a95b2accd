"""Backup and restore: one sealed, checked file of every row, written while the portal runs, for either database.

`sealed` is the file, `rows` what stands in it, `writing` and `reading` the two ways, `restoring` puts it into a
database that `places` makes ready, `aftermath` keeps a restored portal from texting anybody twice.
"""
