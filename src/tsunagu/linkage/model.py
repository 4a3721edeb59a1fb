"""Splink as the reference: its tuned configuration on our compared forms, to measure every release against.

The only module that imports Splink; nothing in a run needs it (decision 0002).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

# The columns of linkage.forms that the reference compares.
REFERENCE_COLUMNS = (
    "row", "name_key", "surname", "given", "kana_key", "surname_kana", "given_kana", "surname_sound", "given_sound",
    "birth", "birth_text", "sex", "address_key", "numbers", "postcode",
)  # fmt: skip
_BLOCKS = (
    ("name_key", "birth"), ("kana_key", "birth"), ("given", "birth"), ("given_sound", "birth"),
    ("name_key", "postcode"), ("kana_key", "address_key"), ("given", "address_key"), ("given_sound", "address_key"),
    ("birth", "address_key"), ("birth", "surname_sound", "sex"),
)  # fmt: skip


def reference_pairs(left: pa.Table, right: pa.Table, *, one_to_one: bool) -> pa.Table:
    """Pairs by tuned Splink, trained on the same tables: left_row, right_row, probability.

    left, right  REFERENCE_COLUMNS; row counts from 0
    one_to_one   single best links from probability 0.5; else every pair from 0.95
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    tables = []
    for side, table in (("l", left), ("r", right)):
        named = table.rename_columns(["unique_id", *table.column_names[1:]])
        tables.append(api.register(named, dataset_display_name=side))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[*_comparisons()],
        blocking_rules_to_generate_predictions=[block_on(*key) for key in _BLOCKS],
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("name_key", "birth")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for key in (("name_key", "kana_key"), ("birth", "address_key")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key), max_pairs=2e6)
    scored = linker.inference.predict(threshold_match_probability=0.5 if one_to_one else 0.95)
    if not one_to_one:
        return _by_rows(_arrow(scored))
    clusters = linker.clustering.cluster_using_single_best_links(
        scored, duplicate_free_datasets=["l", "r"], threshold_match_probability=0.5
    )
    return _pairs_of_clusters(_arrow(clusters))


def _arrow(frame: Any) -> pa.Table:
    # Splink's own method has no types; the wrapper is the one place that knows.
    return frame.as_pyarrow_table()


def _comparisons() -> list[dict[str, Any]]:
    def level(condition: str, label: str) -> dict[str, Any]:
        return {"sql_condition": condition, "label_for_charts": label}

    def name_part(part: str) -> dict[str, Any]:
        kana, sound = f"{part}_kana", f"{part}_sound"
        nothing = f"({part}_l IS NULL OR {part}_r IS NULL) AND ({kana}_l IS NULL OR {kana}_r IS NULL)"
        equal = level(f"{part}_l = {part}_r", "kanji") | {"tf_adjustment_column": part}
        return {
            "output_column_name": part,
            "comparison_levels": [
                level(nothing, "null") | {"is_null_level": True},
                equal,
                level(f"{kana}_l = {kana}_r", "kana"),
                level(f"{sound}_l = {sound}_r", "sound"),
                level(
                    f"jaro_winkler_similarity({kana}_l, {kana}_r) > 0.85 OR {part}_l = {kana}_r OR {kana}_l = {part}_r",
                    "near",
                ),
                level("ELSE", "else"),
            ],
        }

    def nulls(column: str) -> dict[str, Any]:
        return level(f"{column}_l IS NULL OR {column}_r IS NULL", "null") | {"is_null_level": True}

    return [
        name_part("surname"),
        name_part("given"),
        {
            "output_column_name": "birth",
            "comparison_levels": [
                nulls("birth"),
                level("birth_l = birth_r", "equal"),
                level("levenshtein(birth_text_l, birth_text_r) = 1", "one edit"),
                level(
                    "(year(birth_l) = year(birth_r))::INT + (month(birth_l) = month(birth_r))::INT"
                    " + (day(birth_l) = day(birth_r))::INT = 2 OR (year(birth_l) = year(birth_r)"
                    " AND month(birth_l) = day(birth_r) AND day(birth_l) = month(birth_r))",
                    "parts",
                ),
                level("ELSE", "else"),
            ],
        },
        {
            "output_column_name": "sex",
            "comparison_levels": [nulls("sex"), level("sex_l = sex_r", "equal"), level("ELSE", "else")],
        },
        {
            "output_column_name": "address_key",
            "comparison_levels": [
                nulls("address_key"),
                level("address_key_l = address_key_r", "equal"),
                level("numbers_l = numbers_r", "numbers"),
                level("postcode_l = postcode_r", "postcode"),
                level("ELSE", "else"),
            ],
        },
    ]


def _by_rows(scored: pa.Table) -> pa.Table:
    swapped = scored["source_dataset_l"].to_pylist()
    left, right = scored["unique_id_l"].to_pylist(), scored["unique_id_r"].to_pylist()
    pairs = [(a, b) if s == "l" else (b, a) for s, a, b in zip(swapped, left, right, strict=True)]
    return pa.table(
        {
            "left_row": [a for a, _ in pairs],
            "right_row": [b for _, b in pairs],
            "probability": scored["match_probability"],
        }
    )


def _pairs_of_clusters(clusters: pa.Table) -> pa.Table:
    sides: dict[str, dict[str, int]] = {"l": {}, "r": {}}
    columns = (clusters[name].to_pylist() for name in ("cluster_id", "source_dataset", "unique_id"))
    for cluster, side, row in zip(*columns, strict=True):
        sides[side][str(cluster)] = row
    both = sorted((row, sides["r"][c]) for c, row in sides["l"].items() if c in sides["r"])
    return pa.table(
        {
            "left_row": pa.array([a for a, _ in both], pa.int64()),
            "right_row": pa.array([b for _, b in both], pa.int64()),
            "probability": pa.nulls(len(both), pa.float64()),
        }
    )
