"""On SQLite the postings are kept in their index alone, which halves them; nothing is in them yet."""

from django.db import migrations

COLUMNS = '"gram" integer NOT NULL, "document" integer NOT NULL, PRIMARY KEY ("gram", "document")'


def pack(apps, editor):
    _made_anew(editor, "WITHOUT ROWID")


def unpack(apps, editor):
    _made_anew(editor, "")


def _made_anew(editor, how):
    if editor.connection.vendor == "sqlite":
        editor.execute('DROP TABLE "search_posting"')
        editor.execute(f'CREATE TABLE "search_posting" ({COLUMNS}) {how}')


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(pack, unpack)]
