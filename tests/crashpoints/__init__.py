"""Each role is killed, or its disk fails, before and after every change it makes to the disk; then books are checked.

`stage` runs roles as children and strikes one of them, `scenes` says what they play, `books` what must hold after.
"""
