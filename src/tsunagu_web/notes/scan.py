"""The city's own virus scanner, asked before a file is kept. What it could not look at is not kept either.

The program of TSUNAGU_SCAN reads the file from its standard input and ends with 0 (nothing found), 1 (something found)
or anything else (not looked at), as ClamAV's programs do. The file never lies in the clear on a disk.
"""

from __future__ import annotations

import logging
import os
import subprocess

from django.conf import settings

from tsunagu_web.notes.kinds import Refused

log = logging.getLogger("tsunagu.desk")
_SECONDS = 60
_CLEAN, _FOUND = 0, 1


def require_clean(content: bytes) -> None:
    """Nothing where no scanner is set, or where it finds nothing. raises Refused: infected, not_scanned"""
    command = settings.ENVIRONMENT.scan
    if not command:
        return
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # the desk's own settings are no business of the scanner
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("attachments are not accepted: the scanner of TSUNAGU_SCAN failed (%s)", type(error).__name__)
        raise Refused("not_scanned") from error
    if done.returncode == _FOUND:
        log.warning("an attachment was refused: the scanner of TSUNAGU_SCAN found something in it")
        raise Refused("infected")
    if done.returncode != _CLEAN:
        log.warning("attachments are not accepted: the scanner of TSUNAGU_SCAN ended with %d", done.returncode)
        raise Refused("not_scanned")
