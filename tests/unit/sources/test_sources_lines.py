"""Text to records: line ends, quotes, records over several lines, stray quotes."""

import pytest

from tsunagu.sources.lines import Grid, read_records, split_cells, split_lines


def cells_of(text: str, *, width: int = 3, delimiter: str = ",") -> Grid:
    return read_records(split_lines(text), delimiter, width)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_line_end_parts_lines(end: str) -> None:
    assert cells_of(f"a,b,c{end}d,e,f{end}").cells == [["a", "b", "c"], ["d", "e", "f"]]


def test_the_last_line_needs_no_end_and_may_carry_the_old_end_of_file_sign() -> None:
    assert cells_of("a,b,c\nd,e,f").rows == [1, 2]
    assert cells_of("a,b,c\r\n\x1a").cells == [["a", "b", "c"]]


def test_a_record_may_span_lines_and_starts_on_its_first() -> None:
    grid = cells_of('a,b,"c\nd,e\nf"\ng,h,i\n')
    assert grid.cells == [["a", "b", "c\nd,e\nf"], ["g", "h", "i"]]
    assert grid.rows == [1, 4]


def test_two_quotes_inside_are_one() -> None:
    assert split_cells('"a""b",c', ",") == (['a"b', "c"], False)


def test_a_quote_inside_an_unquoted_cell_is_a_sign_like_any_other() -> None:
    assert cells_of('5" pipe,b,c\nd,e,f\n').cells == [['5" pipe', "b", "c"], ["d", "e", "f"]]


def test_a_stray_quote_sets_only_its_own_line_aside() -> None:
    grid = cells_of('a,b,c\nd,e,"f\ng,h,i\nj,k,l\n')
    assert grid.faults == {1: "unclosed_quote"}
    assert grid.cells == [["a", "b", "c"], ["d", "e"], ["g", "h", "i"], ["j", "k", "l"]]


def test_a_stray_quote_does_not_swallow_the_next_quoted_row() -> None:
    grid = cells_of('d,e,"f\ng,h,"i"\nj,k,l\n')
    assert grid.faults == {0: "unclosed_quote"}
    assert grid.cells[1:] == [["g", "h", "i"], ["j", "k", "l"]]


def test_a_quote_that_closes_with_too_few_cells_was_a_stray_one() -> None:
    grid = cells_of('d,"e,f\ng,"h\nj,k,l\n')
    assert grid.faults == {0: "unclosed_quote", 1: "unclosed_quote"}
    assert grid.cells[2] == ["j", "k", "l"]


def test_a_stray_quote_on_the_last_line_ends_there() -> None:
    grid = cells_of('a,b,c\nd,"e,f')
    assert grid.faults == {1: "unclosed_quote"}
    assert grid.cells[1] == ["d"]


def test_an_all_quoted_file_with_one_bare_row() -> None:
    assert cells_of('"a","b","c"\nd,e,f\n"","",""\n').cells == [["a", "b", "c"], ["d", "e", "f"], ["", "", ""]]


def test_equal_rows_have_equal_texts_whatever_empty_cells_follow() -> None:
    grid = cells_of("a,b,c\na,b,c,,\n")
    assert grid.texts[0] == grid.texts[1]


def test_lone_returns_inside_a_file_of_line_feeds_part_records_of_one_line() -> None:
    grid = cells_of("a,b,c\rd,e,f\ng,h,i\n")
    assert grid.cells == [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]
    assert grid.rows == [1, 1, 2]


def test_signs_that_look_like_line_ends_stay_in_their_cell() -> None:
    text = "a\u2028b,c\x0bd,e\x85f\n"
    assert cells_of(text).cells == [["a\u2028b", "c\x0bd", "e\x85f"]]
