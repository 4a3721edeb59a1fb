"""A child is a person who was noticed; a case is the work with a child."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class PointAtThePerson(migrations.operations.base.Operation):
    """The column keeps name, type and key, and so do the columns that point at it; only what it points at is new."""

    in_words = (
        migrations.RenameField(model_name="child", old_name="person_id", new_name="person"),
        migrations.AlterField(
            model_name="child",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="child",
                serialize=False,
                to="people.person",
            ),
        ),
    )

    def state_forwards(self, app_label, state):
        for operation in self.in_words:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, "Child")
        if editor.connection.vendor == "sqlite":
            editor._remake_table(model)
        else:
            editor.execute(editor._create_fk_sql(model, model._meta.pk, "_fk_%(to_table)s_%(to_column)s"))

    def database_backwards(self, app_label, editor, from_state, to_state):
        if editor.connection.vendor == "sqlite":
            editor._remake_table(to_state.apps.get_model(app_label, "Child"))
        else:
            model = from_state.apps.get_model(app_label, "Child")
            for name in editor._constraint_names(model, [model._meta.pk.column], foreign_key=True):
                editor.execute(editor._delete_fk_sql(model, name))

    def describe(self):
        return "Point a child's key at the person"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_persons_of_the_desk"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(name="HouseholdMember"),
        migrations.RemoveIndex(model_name="child", name="child_worklist_order"),
        *[
            migrations.RemoveField(model_name="child", name=name)
            for name in (
                "name",
                "alias",
                "birth_date",
                "sex",
                "household",
                "relation",
                "school_name",
                "grade",
                "class_name",
            )
        ],
        PointAtThePerson(),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(
                fields=["is_listed", "level_rank", "-strength", "kana", "person"], name="child_worklist_order"
            ),
        ),
    ]
