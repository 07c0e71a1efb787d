#if PostgreSQL
/// What is asked of the database, prepared on each connection.
enum Statement: String, CaseIterable, Sendable {
  case read, all, indexed, closed, changed, changedWhole, census, history, commit, sweep, `import`

  private static let columns = "r.kind, r.key, r.version, r.revision, r.closed, r.expires, r.indexed, r.body"

  func sql(_ schema: String) -> String {
    let record = "SELECT \(Self.columns) FROM \(schema).record r"
    switch self {
    case .read:
      return """
        SELECT \(Self.columns), c.n
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c(kind, key, n)
        JOIN \(schema).record r ON r.kind = c.kind AND r.key = c.key
        """
    case .all:
      return "\(record) WHERE kind = $1::text AND key > $2::text ORDER BY key LIMIT $3::bigint"
    case .indexed:
      return """
        SELECT \(Self.columns) FROM (
          SELECT key FROM \(schema).record_index
          WHERE kind = $1::text AND name = $2::text AND value = $3::text AND key > $4::text
          ORDER BY key LIMIT $5::bigint) i
        JOIN \(schema).record r ON r.kind = $1::text AND r.key = i.key
        ORDER BY r.key
        """
    case .closed:
      return """
        \(record) WHERE kind = $1::text AND key > $2::text AND closed IS NOT NULL AND closed >= $3::bigint
        ORDER BY key LIMIT $4::bigint
        """
    case .changed:
      return """
        \(record) WHERE announced AND revision > $1::bigint AND kind = ANY ($2::text[])
        ORDER BY revision, kind, key LIMIT $3::bigint
        """
    case .changedWhole:
      return """
        \(record) WHERE announced AND revision > $1::bigint AND revision <= $3::bigint AND kind = ANY ($2::text[])
        ORDER BY revision, kind, key
        """
    case .census:
      // One moment for both: the revision stands in every row.
      return """
        SELECT kind, count, (SELECT revision FROM \(schema).store) FROM (
          SELECT kind, count(*) AS count FROM \(schema).record GROUP BY kind
          UNION ALL SELECT '', 0) counted
        """
    case .history:
      // Each promotion of a standby begins a new timeline, the first eight digits of the names of the log's files. A
      // standby has no place where it writes.
      return """
        SELECT s.revision, CASE WHEN pg_is_in_recovery() THEN NULL ELSE
          (SELECT system_identifier FROM pg_control_system()) || '/' ||
          substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
        FROM \(schema).store s
        """
    case .import:
      return """
        SELECT \(schema).import_1(
          $1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::bigint[], $8::text[],
          $9::bytea[], $10::integer[], $11::text[], $12::text[])
        """
    case .commit:
      return """
        SELECT \(schema).commit_1(
          $1::bigint, $2::bigint, $3::text, $4::integer[], $5::text[], $6::text[], $7::integer[], $8::bigint[],
          $9::integer[], $10::boolean[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::bytea[],
          $16::integer[], $17::text[], $18::text[])
        """
    case .sweep:
      // What another node is just sweeping, or somebody prolonging, is left to the next round.
      return """
        WITH due AS (
          SELECT kind, key FROM \(schema).record WHERE expires < $1::bigint ORDER BY expires LIMIT $2::bigint
          FOR UPDATE SKIP LOCKED),
        removed AS (
          DELETE FROM \(schema).record r USING due WHERE r.kind = due.kind AND r.key = due.key
          RETURNING r.kind, r.key, r.indexed),
        unindexed AS (
          DELETE FROM \(schema).record_index i USING removed
          WHERE removed.indexed IS NOT NULL AND i.kind = removed.kind AND i.key = removed.key),
        gone AS (DELETE FROM \(schema).writer WHERE at < now() - interval '1 day')
        SELECT count(*) FROM removed
        """
    }
  }
}
#endif
