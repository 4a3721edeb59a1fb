"""The children the desk holds already can be found by the new index at once; new ones come into it with each intake.

May be killed and repeated: a child that is in the index already is left as it is.
"""

from django.db import migrations

from tsunagu.text.search import searched_text
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import grams_of

BATCH = 500


def index(apps, editor):
    children = apps.get_model("cases", "Child").objects.select_related("person").order_by("pk")
    text_of, posting = (apps.get_model("search", name) for name in ("SearchText", "Posting"))
    last = ""
    while batch := list(children.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        there = text_of.objects.filter(kind=Kind.PERSON, own_id__in=[child.pk for child in batch])
        known = set(there.values_list("own_id", flat=True))
        people = [child.person for child in batch if child.pk not in known]
        texts = text_of.objects.bulk_create(
            text_of(kind=Kind.PERSON, own_id=who.pk, text=searched_text("\n".join([who.name, who.kana, who.alias])))
            for who in people
        )
        posting.objects.bulk_create(
            posting(gram=gram, document=text.pk) for text in texts for gram in sorted(grams_of(Kind.PERSON, text.text))
        )


def forget(apps, editor):
    for name in ("SearchText", "Posting"):
        apps.get_model("search", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_known_from_a_day"), ("search", "0002_postings_packed")]
    operations = [migrations.RunPython(index, forget)]
