#if PostgreSQL
/// Records taken over from another engine, all of them or none: one call, like a commit.
enum ImportFunction {
  /// What the function raises when a record is there already.
  static let conflict = "DW002"

  static func sql(schema: String) -> String {
    """
    CREATE FUNCTION \(schema).import_1(
      a_kinds text[], a_keys text[], a_versions bigint[], a_revisions bigint[], a_announced boolean[],
      a_closings bigint[], a_expiries bigint[], a_indexings text[], a_bodies bytea[],
      a_index_records integer[], a_index_names text[], a_index_values text[]
    ) RETURNS bigint LANGUAGE plpgsql AS $import$
    DECLARE
      made integer;
    BEGIN
      INSERT INTO \(schema).record (kind, key, version, revision, announced, closed, expires, indexed, body)
      SELECT * FROM unnest(
        a_kinds, a_keys, a_versions, a_revisions, a_announced, a_closings, a_expiries, a_indexings, a_bodies)
      ON CONFLICT (kind, key) DO NOTHING;
      GET DIAGNOSTICS made = ROW_COUNT;
      IF made <> cardinality(a_kinds) THEN
        RAISE EXCEPTION USING ERRCODE = '\(conflict)', MESSAGE = 'a record is there already';
      END IF;
      INSERT INTO \(schema).record_index (kind, name, value, key)
      SELECT a_kinds[x.record], x.name, x.value, a_keys[x.record]
      FROM unnest(a_index_records, a_index_names, a_index_values) AS x(record, name, value);
      UPDATE \(schema).store SET revision = greatest(revision, (SELECT max(r) FROM unnest(a_revisions) AS r));
      RETURN made;
    END
    $import$;

    """
  }
}
#endif
