#if PostgreSQL
import Storage

/// The schema's history: append-only, one step for each release that changed it.
///
/// Several versions of Doorward may stand on one database while nodes are replaced one by one. So each step says
/// which version is the oldest that can still work with what it leaves behind, and what nodes call carries its number
/// in its name (`commit_1`): a later step adds `commit_2` beside it.
struct Migrations {
  let schema: String

  private var steps: [(step: SchemaStep, sql: String)] {
    [
      (
        SchemaStep(version: 1, effect: "Makes the tables and functions; takes no time.", minimumReader: 1),
        records + CommitFunction.sql(schema: schema) + ImportFunction.sql(schema: schema)
      )
    ]
  }

  /// - Throws: `damaged` when the schema is another program's, or too new for this version.
  func apply(_ session: Session) throws(StoreFailure) {
    let before = try state(session)
    guard before.isUsable else { throw before.refusal(of: session.address.description) }
    if before.pending.isEmpty { return }
    // A session that stops in the middle is ended by the server, which undoes what it had begun.
    try session.execute("BEGIN")
    do throws(StoreFailure) {
      try session.execute("SELECT pg_advisory_xact_lock(hashtextextended('doorward migrations of ' || \(literal), 0))")
      // Another node may have been faster.
      let version = try state(session).version
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
      for (step, sql) in steps where step.version > version {
        try session.execute(sql)
        try session.execute(
          "INSERT INTO \(schema).migration (number, minimum_reader) VALUES (\(step.version), \(step.minimumReader))")
      }
      try session.execute("COMMIT")
    } catch {
      _ = try? session.execute("ROLLBACK")
      throw error
    }
  }

  private var literal: String { "'\(schema)'" }

  /// How the schema stands; changes nothing.
  func state(_ session: Session) throws(StoreFailure) -> SchemaState {
    let known = steps.map(\.step)
    let tables = try session.execute(
      "SELECT tablename FROM pg_tables WHERE schemaname = \(literal) ORDER BY tablename = 'migration' DESC LIMIT 1")
    guard let table = tables.first?.first ?? nil else {
      return SchemaState(version: 0, minimumReader: 0, steps: known)
    }
    guard table == "migration" else {
      throw .damaged(
        "\(session.address): the schema \(schema) has tables of another program; name another database")
    }
    let rows = try session.execute(
      "SELECT number, minimum_reader FROM \(schema).migration ORDER BY number DESC LIMIT 1")
    guard let row = rows.first, row.count == 2, let version = row[0].flatMap({ Int($0) }),
      let minimum = row[1].flatMap({ Int($0) })
    else { return SchemaState(version: 0, minimumReader: 0, steps: known) }
    return SchemaState(version: version, minimumReader: minimum, steps: known)
  }

  /// `revision` and `announced` change on what the change feed tells of, and nowhere else: a rotation then touches no
  /// column of an index but `expires`, and PostgreSQL can keep the new row on the old one's page where that stays.
  private var records: String {
    """
    CREATE TABLE \(schema).record (
      kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, version bigint NOT NULL, revision bigint NOT NULL,
      announced boolean NOT NULL, closed bigint, expires bigint, indexed text COLLATE "C", body bytea NOT NULL,
      PRIMARY KEY (kind, key)) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
    CREATE INDEX record_expires ON \(schema).record (expires) WHERE expires IS NOT NULL;
    CREATE INDEX record_announced ON \(schema).record (revision, kind, key) WHERE announced;
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
