"""The guidance centre's first response: a notification taken on the telephone, and what becomes of it.

There only where the office switched the room on (TSUNAGU_GUIDANCE_CENTRE). Who notified is sealed apart, with a key of
its own, and opens to nobody by duty.

Read     models.py, sealed.py (drafts and notifiers under their key), drafts.py (while somebody types), recording.py
         (what a draft becomes), releases.py (opening who notified), then queries.py and the views.
"""
