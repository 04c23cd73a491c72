"""Runs Splink on generated persons, set up as its documentation shows, and prints what it took and reached as JSON.

    python measure.py PERSONS.csv TRUTH.csv --rules same|own --threads N

`same` are the candidate rules that Vinculo is given as well; `own` are those that Splink's guides would use.
"""

import argparse
import json
import re
import resource
import time

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# What a careful analyst prepares before Splink sees the data: one case, no accents, no titles, digits only, one value
# a cell, known placeholders as missing.
PREPARE = """
CREATE TABLE persons AS
WITH clean AS (
    SELECT
        id AS unique_id,
        trim(regexp_replace(regexp_replace(
            CASE WHEN contains(full_name, ',')
                THEN split_part(full_name, ',', 2) || ' ' || split_part(full_name, ',', 1) ELSE full_name END
            .strip_accents().upper(), '[^A-Z ]', ' ', 'g'),
            '^ *(SR|SRA|DR|DRA|DONA|PROF|PROFA) ', '')) AS name,
        try_cast(birth_date AS DATE) AS birth_date,
        nullif(lpad(regexp_replace(tax_id, '[^0-9]', '', 'g'), 11, '0'), '00000000000') AS tax_id,
        lower(nullif(split_part(email, ';', 1), '')) AS email,
        right(regexp_replace(split_part(phone, ';', 1), '[^0-9]', '', 'g'), 8) AS phone,
        strip_accents(upper(nullif(city, ''))) AS city,
        strip_accents(upper(nullif(address, ''))) AS address,
        regexp_replace(postal_code, '[^0-9]', '', 'g') AS postal_code
    FROM read_csv('{persons}', header = true, all_varchar = true)
)
SELECT
    unique_id,
    nullif(split_part(name, ' ', 1), '') AS first_name,
    nullif(regexp_extract(name, '([A-Z]+)$', 1), '') AS surname,
    strftime(nullif(birth_date, DATE '1900-01-01'), '%Y-%m-%d') AS birth_date,
    CASE WHEN regexp_full_match(tax_id, '0+|1+|2+|3+|4+|5+|6+|7+|8+|9+|12345678900') THEN NULL ELSE tax_id END AS tax_id,
    CASE WHEN email IN ({placeholders}) THEN NULL ELSE email END AS email,
    CASE WHEN length(phone) < 8 OR regexp_full_match(phone, '0+|1+|2+|3+|4+|5+|6+|7+|8+|9+') THEN NULL ELSE phone END
        AS phone,
    city,
    address,
    nullif(postal_code, '') AS postal_code,
    nullif(split_part(email, '@', 1), '') AS mailbox,
    least(left(name, 1), left(regexp_extract(name, '([A-Z]+)$', 1), 1))
        || greatest(left(name, 1), left(regexp_extract(name, '([A-Z]+)$', 1), 1)) AS initials,
    strftime(nullif(birth_date, DATE '1900-01-01'), '%m-%d') AS birthday
FROM clean
"""
PLACEHOLDERS = [
    "sem@email.com", "naotem@naotem.com", "cliente@loja.com.br", "naotem@email.com", "nao@tem.com", "x@x.com",
    "teste@teste.com",
]

SAME_RULES = [
    ("tax_id",),
    ("email",),
    ("phone",),
    ("birth_date", "initials"),
    ("birth_date", "postal_code"),
    ("postal_code", "initials"),
    ("mailbox", "initials"),
    ("birthday", "initials", "city"),
]
OWN_RULES = [
    ("first_name", "surname", "city"),
    ("birth_date", "surname"),
    ("birth_date", "first_name"),
    ("tax_id",),
    ("email",),
    ("phone",),
    ("postal_code", "surname"),
    ("postal_code", "first_name"),
]


class Stages:
    """Wall and CPU seconds, stage by stage."""

    def __init__(self):
        self.measured = []

    def run(self, name, work):
        wall, cpu = time.monotonic(), cpu_seconds()
        result = work()
        self.measured.append(
            {"stage": name, "wall": time.monotonic() - wall, "cpu": cpu_seconds() - cpu}
        )
        return result


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_bytes():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) * 1024


def settings(rules):
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.LevenshteinAtThresholds("tax_id", [1, 2]),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        retain_matching_columns=False,
    )


def train(linker, stages):
    certain = [block_on("tax_id"), block_on("first_name", "surname", "birth_date"), block_on("email", "first_name")]
    training = linker.training
    stages.run("prior", lambda: training.estimate_probability_two_random_records_match(certain, recall=0.7))
    stages.run("u", lambda: training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1))

    def expectation_maximization():
        for rule in [("first_name", "surname", "city"), ("birth_date", "initials"), ("email",)]:
            training.estimate_parameters_using_expectation_maximisation(block_on(*rule))

    stages.run("em", expectation_maximization)


def scores(connection, clusters):
    """Pairwise precision, recall and F1 of a clustering against the truth."""
    found, true, both = connection.execute(f"""
        WITH joined AS (
            SELECT cluster_id, entity FROM {clusters} c JOIN truth t ON t.source_key = c.unique_id
        ),
        counted AS (SELECT count(*) AS n, cluster_id, entity FROM joined GROUP BY cluster_id, entity)
        SELECT
            (SELECT sum(n * (n - 1) // 2) FROM (SELECT sum(n) AS n FROM counted GROUP BY cluster_id)),
            (SELECT sum(n * (n - 1) // 2) FROM (SELECT sum(n) AS n FROM counted GROUP BY entity)),
            (SELECT sum(n * (n - 1) // 2) FROM counted)
    """).fetchall()[0]
    found, true, both = int(found), int(true), int(both)
    return {"precision": both / max(found, 1), "recall": both / max(true, 1), "f1": 2 * both / max(found + true, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("persons")
    parser.add_argument("truth")
    parser.add_argument("--rules", choices=["same", "own"], required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    stages = Stages()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {arguments.threads}")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE TABLE truth AS FROM read_csv('{arguments.truth}', all_varchar = true)")
    placeholders = ", ".join(f"'{value}'" for value in PLACEHOLDERS)
    prepare = PREPARE.format(persons=arguments.persons, placeholders=placeholders)
    stages.run("load", lambda: connection.execute(prepare))

    rules = SAME_RULES if arguments.rules == "same" else OWN_RULES
    records = DuckDBAPI(connection).register("persons")
    linker = Linker(records, settings(rules), log_level="ERROR")
    train(linker, stages)
    pairs = stages.run("block and score", lambda: linker.inference.predict(threshold_match_weight=-20))
    cluster = linker.clustering.cluster_pairwise_predictions_at_threshold
    own = stages.run("cluster", lambda: cluster(pairs, threshold_match_probability=0.95))
    peak = peak_bytes()

    at_own = scores(connection, own.physical_name)
    weights = range(0, 31, 3)
    tried = [(scores(connection, cluster(pairs, threshold_match_weight=w).physical_name), w) for w in weights]
    best, weight = max(tried, key=lambda pair: pair[0]["f1"])
    count = connection.execute("SELECT count(*) FROM persons").fetchall()[0][0]
    print(json.dumps({
        "records": count,
        "pairs": connection.execute(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()[0][0],
        "stages": stages.measured,
        "peak": peak,
        "at_own_threshold": at_own,
        "at_best_threshold": {**best, "match_weight": weight},
    }))


main()
