"""Children and members of households become persons with memberships, from the day of the last intake on.

Back again, who was noticed has the columns of before, filled from person and household; the persons stay in their own
tables, since what was entered by hand has no other place. Forward once more, they are found there.
"""

import datetime as dt

from django.db import migrations

SOURCE = "register"
BATCH = 1_000
WHO = ("name", "kana", "alias", "birth_date", "sex", "school_name", "grade", "class_name")


def make_persons(apps, editor):
    child, member = apps.get_model("cases", "Child"), apps.get_model("cases", "HouseholdMember")
    person, membership = apps.get_model("people", "Person"), apps.get_model("people", "Membership")
    since = _day_of_the_last_intake(apps)
    people, belongs = {}, {}
    for row in child.objects.order_by("pk").iterator(chunk_size=BATCH):
        people[row.pk] = person(person_id=row.pk, known_from=since, **{name: getattr(row, name) for name in WHO})
        belongs[row.pk] = (row.household, row.relation)
    for row in member.objects.order_by("pk").iterator(chunk_size=BATCH):
        # A noticed child stands in both tables, and the page has shown the columns of the child.
        if row.pk not in people:
            ours = {name: getattr(row, name) for name in WHO if hasattr(row, name)}
            people[row.pk] = person(person_id=row.pk, known_from=since, **ours)
        belongs[row.pk] = (row.household, row.relation)
    person.objects.bulk_create(
        people.values(), batch_size=BATCH, update_conflicts=True, unique_fields=["person_id"], update_fields=WHO
    )
    present = membership.objects.filter(known_to__isnull=True, valid_to__isnull=True)
    known = set(present.values_list("person_id", "household"))
    membership.objects.bulk_create(
        (
            membership(
                person_id=pk, household=household, relation=relation, is_head=relation == "世帯主", known_from=since
            )
            for pk, (household, relation) in belongs.items()
            if household and (pk, household) not in known
        ),
        batch_size=BATCH,
    )


def make_children_whole(apps, editor):
    child, member = apps.get_model("cases", "Child"), apps.get_model("cases", "HouseholdMember")
    person, membership = apps.get_model("people", "Person"), apps.get_model("people", "Membership")
    present = membership.objects.filter(known_to__isnull=True, valid_to__isnull=True, source=SOURCE).order_by("pk")
    belongs = {
        pk: (household, relation)
        for pk, household, relation in present.values_list("person_id", "household", "relation")
    }
    noticed = set(child.objects.values_list("pk", flat=True))
    for row in person.objects.filter(source=SOURCE).order_by("pk").iterator(chunk_size=BATCH):
        household, relation = belongs.get(row.pk, ("", ""))
        who = {name: getattr(row, name) for name in WHO}
        if row.pk in noticed:
            child.objects.filter(pk=row.pk).update(household=household, relation=relation, **who)
        if household:
            kept = {name: who[name] for name in ("name", "kana", "birth_date", "school_name", "grade")}
            member.objects.create(
                person_id=row.pk,
                child_id=row.pk if row.pk in noticed else None,
                household=household,
                relation=relation,
                **kept,
            )


def _day_of_the_last_intake(apps):
    run = apps.get_model("cases", "Run").objects.filter(is_current=True).first()
    # The desk counts its days in Japan, nine hours before UTC.
    moment = run.taken_in_at if run else dt.datetime.now(dt.UTC)
    return moment.astimezone(dt.timezone(dt.timedelta(hours=9))).date()


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_scope_of_a_child"), ("people", "0001_initial")]
    operations = [migrations.RunPython(make_persons, make_children_whole)]
