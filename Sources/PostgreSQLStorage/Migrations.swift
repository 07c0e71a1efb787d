#if PostgreSQL
import Storage

/// The schema's history: append-only, one step for each release that changed it.
///
/// Several versions of Doorward may stand on one database while nodes are replaced one by one. So each step says
/// which version is the oldest that can still work with what it leaves behind, and what nodes call carries its number
/// in its name (`commit_1`): a later step adds `commit_2` beside it.
struct Migrations {
  struct Step {
    let number: Int
    /// The highest step that a node must know to work with the schema after this one.
    let minimumReader: Int
    let sql: String
  }

  let schema: String

  var steps: [Step] {
    [Step(number: 1, minimumReader: 1, sql: records + CommitFunction.sql(schema: schema))]
  }

  /// - Throws: `damaged` when the schema is another program's, or too new for this version.
  func apply(_ session: Session) throws(StoreFailure) {
    let latest = steps.last?.number ?? 0
    if let (version, minimum) = try state(session) {
      guard minimum <= latest else {
        throw .damaged(
          """
          \(session.address) was written by a newer version of Doorward (its schema is at step \(version), this \
          version knows \(latest) and the schema asks for \(minimum)); run that version, or restore a backup made before
          """)
      }
      if version >= latest { return }
    }
    // A session that stops in the middle is ended by the server, which undoes what it had begun.
    try session.execute("BEGIN")
    do throws(StoreFailure) {
      try session.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('doorward migrations of ' || \(literal), 0))")
      // Another node may have been faster.
      let version = try state(session)?.version ?? 0
      if version == 0 {
        if try session.execute("SELECT 1 FROM pg_namespace WHERE nspname = \(literal)").isEmpty {
          try session.execute("CREATE SCHEMA \(schema)")
        }
        try session.execute(
          """
          CREATE TABLE \(schema).migration (
            number integer PRIMARY KEY, minimum_reader integer NOT NULL, applied timestamptz NOT NULL DEFAULT now())
          """)
      }
      for step in steps where step.number > version {
        try session.execute(step.sql)
        try session.execute(
          "INSERT INTO \(schema).migration (number, minimum_reader) VALUES (\(step.number), \(step.minimumReader))")
      }
      try session.execute("COMMIT")
    } catch {
      _ = try? session.execute("ROLLBACK")
      throw error
    }
  }

  private var literal: String { "'\(schema)'" }

  /// The newest step that was applied and what it asks of its readers; `nil` where there is nothing of ours yet.
  private func state(_ session: Session) throws(StoreFailure) -> (version: Int, minimum: Int)? {
    let tables = try session.execute(
      "SELECT tablename FROM pg_tables WHERE schemaname = \(literal) ORDER BY tablename = 'migration' DESC LIMIT 1")
    guard let table = tables.first?.first ?? nil else { return nil }
    guard table == "migration" else {
      throw .damaged(
        "\(session.address): the schema \(schema) has tables of another program; name another database")
    }
    let rows = try session.execute(
      "SELECT number, minimum_reader FROM \(schema).migration ORDER BY number DESC LIMIT 1")
    guard let row = rows.first, row.count == 2, let version = row[0].flatMap({ Int($0) }),
      let minimum = row[1].flatMap({ Int($0) })
    else { return nil }
    return (version, minimum)
  }

  /// `revision` is set on what the change feed tells of, and nowhere else: a rotation then touches no column of an
  /// index but the key's, and PostgreSQL can keep the new row on the old one's page.
  private var records: String {
    """
    CREATE TABLE \(schema).record (
      kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, version bigint NOT NULL, revision bigint,
      closed bigint, expires bigint, indexed text COLLATE "C", body bytea NOT NULL,
      PRIMARY KEY (kind, key)) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
    CREATE INDEX record_expires ON \(schema).record (expires) WHERE expires IS NOT NULL;
    CREATE INDEX record_announced ON \(schema).record (revision, kind, key) WHERE revision IS NOT NULL;
    CREATE INDEX record_closed ON \(schema).record (kind, key, closed) WHERE closed IS NOT NULL;
    CREATE TABLE \(schema).record_index (
      kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL, PRIMARY KEY (kind, name, value, key));
    CREATE INDEX record_index_key ON \(schema).record_index (kind, key);
    CREATE TABLE \(schema).store (id integer PRIMARY KEY CHECK (id = 1), revision bigint NOT NULL)
      WITH (fillfactor = 10);
    INSERT INTO \(schema).store VALUES (1, 0);
    CREATE TABLE \(schema).writer (
      id bigint PRIMARY KEY, number bigint NOT NULL, conflicts integer[] NOT NULL, at timestamptz NOT NULL)
      WITH (fillfactor = 10);

    """
  }
}
#endif
