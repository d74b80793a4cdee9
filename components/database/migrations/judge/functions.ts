import { strings } from "../catalog";
import { walk } from "./verdict";

/** Functions that have the same value for every row of a statement, so that a default with them rewrites nothing. */
const STEADY = new Set(
  "now transaction_timestamp statement_timestamp lower upper to_date date_trunc json_build_object jsonb_build_object json_build_array jsonb_build_array make_date make_interval concat format md5 decode".split(
    " ",
  ),
);

/** PostgreSQL's own functions that change nothing. */
const HARMLESS = new Set(
  `${[...STEADY].join(" ")} abs age array_agg array_append array_cat array_length array_position array_remove
   array_to_string array_upper ascii avg bool_and bool_or bit_and bit_or btrim cardinality ceil ceiling char_length
   character_length chr clock_timestamp coalesce concat_ws count cume_dist current_database current_schema current_setting
   currval date_part dense_rank encode every exp extract first_value floor gen_random_uuid generate_series greatest
   initcap json_agg json_array_elements json_array_elements_text json_each json_object_agg jsonb_agg jsonb_array_elements
   jsonb_array_elements_text jsonb_each jsonb_object_agg jsonb_set jsonb_strip_nulls lag last_value lastval lead least left
   length ln log lpad ltrim make_timestamp make_timestamptz max min mod nextval nth_value ntile nullif octet_length overlay
   percent_rank pg_get_serial_sequence pg_typeof position pow power quote_ident quote_literal random rank regexp_match
   regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table repeat replace reverse right round row_number
   row_to_json rpad rtrim sha256 sign split_part sqrt stddev string_agg string_to_array strpos substr substring sum
   timezone to_char to_hex to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector translate trim trunc unnest
   uuid_generate_v4 variance version width_bucket xmlagg`.split(/\s+/),
);

export interface Call {
  readonly name: string;
  readonly at: number;
  readonly body: Record<string, unknown>;
}

function callsIn(tree: unknown): Call[] {
  const calls: Call[] = [];
  walk(tree, (kind, body) => {
    if (kind !== "FuncCall") return;
    const parts = strings(body.funcname as never);
    const own = parts.length > 1 && parts[0] !== "pg_catalog";
    calls.push({
      name: own ? parts.join(".") : (parts.at(-1) ?? "?"),
      at: Number(body.location ?? 0),
      body,
    });
  });
  return calls;
}

/** Calls of functions of which it is not known that they change nothing. */
export function unknownCalls(tree: unknown): Call[] {
  return callsIn(tree).filter(({ name }) => !HARMLESS.has(name));
}

/** True when the value may differ from row to row. */
export function isVolatile(expression: unknown): boolean {
  return callsIn(expression).some(({ name }) => !STEADY.has(name));
}
