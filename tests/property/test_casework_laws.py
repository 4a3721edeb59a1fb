"""Laws of answers, on generated ones: kept as given, unknown is always enough, and no answer stays one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tsunagu.casework.answers import NOT_ANSWERED, Answer, as_text, check_answers, of_text
from tsunagu.casework.forms import standard_form

FORM = standard_form()
ITEMS = {item.id: item for item in FORM.items()}
TEXTS = st.text(max_size=40)
ANSWERS = st.dictionaries(
    st.sampled_from(sorted(ITEMS)),
    st.builds(Answer, st.sampled_from(["", "unknown", "none", "yes", "said", "written", "x"]), TEXTS, TEXTS),
)


@given(ANSWERS)
def test_answers_are_kept_as_given(answers: dict[str, Answer]) -> None:
    given_ones = {name: answer for name, answer in answers.items() if answer != NOT_ANSWERED}
    assert of_text(as_text(answers)) == given_ones
    assert as_text(of_text(as_text(answers))) == as_text(answers)


@given(ANSWERS)
def test_every_lack_is_named_once_and_in_the_order_of_the_form(answers: dict[str, Answer]) -> None:
    lacks = [problem.item for problem in check_answers(FORM, answers)]
    assert lacks == [name for name in ITEMS if name in lacks]
    unanswered = {
        name for name, item in ITEMS.items() if not item.is_optional and not answers.get(name, NOT_ANSWERED).value
    }
    assert unanswered <= set(lacks)


@given(ANSWERS)
def test_unknown_always_answers(answers: dict[str, Answer]) -> None:
    lacking = {problem.item for problem in check_answers(FORM, answers)}
    assert check_answers(FORM, {**answers, **{name: Answer("unknown") for name in lacking}}) == ()


@given(ANSWERS, st.sampled_from(sorted(ITEMS)))
def test_what_one_question_lacks_depends_on_its_own_answer_only(answers: dict[str, Answer], name: str) -> None:
    alone = {name: answers[name]} if name in answers else {}
    here = [problem for problem in check_answers(FORM, answers) if problem.item == name]
    assert here == [problem for problem in check_answers(FORM, alone) if problem.item == name]
