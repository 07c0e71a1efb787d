#if PostgreSQL
/// A group of batches, committed by one call: the transaction begins and ends in the server and never waits for its
/// client, so a node that is killed or stopped holds no lock.
///
/// What the call is given are changes, sorted by kind and key. No two batches of a group change the same record, and
/// no batch has two changes to one (`NetChange`): so each condition is judged by the row as it is locked, a batch in
/// conflict is left out of the statements that follow, and nothing need be undone.
///
/// - Locks are taken in one order (the store's row, then records by key), so that calls wait for each other in a row.
///   What that cannot order, two inserts of one key at once, ends as 40001 and is called again.
/// - Revisions are given out under the lock of the store's row, which is held until the commit can be seen: whoever
///   reads revision 8 can read 7. Only calls that touch announced records take it.
/// - The call's number is remembered with its outcome. A call whose answer was lost is made again with the same
///   number, and answered with what came of it the first time.
enum CommitFunction {
  /// What must hold of a record, by number.
  enum Condition: Int32 {
    case none = 0
    case absent = 1
    case openAtVersion = 2
  }
  /// What is done to it, by number.
  enum Effect: Int32 {
    case none = 0
    case put = 1
    case close = 2
    case remove = 3
  }

  static func sql(schema: String) -> String {
    """
    CREATE FUNCTION \(schema).commit_1(
      a_writer bigint, a_number bigint, a_channel text,
      a_batches integer[], a_kinds text[], a_keys text[], a_conditions integer[], a_expected bigint[],
      a_effects integer[], a_announced boolean[], a_versions bigint[], a_closings bigint[], a_expiries bigint[],
      a_indexings text[], a_bodies bytea[],
      a_index_changes integer[], a_index_names text[], a_index_values text[]
    ) RETURNS integer[] LANGUAGE plpgsql AS $commit$
    DECLARE
      last record;
      next_revision bigint;
      found_versions bigint[];
      found_indexings text[];
      lost integer[];
      wanted integer;
      made integer;
    BEGIN
      SELECT w.number, w.conflicts INTO last FROM \(schema).writer w WHERE w.id = a_writer;
      IF last.number = a_number THEN RETURN last.conflicts; END IF;
      IF last.number > a_number THEN
        RAISE EXCEPTION USING ERRCODE = 'DW001', MESSAGE = 'a call was made after a later one';
      END IF;

      IF true = ANY (a_announced) THEN
        UPDATE \(schema).store SET revision = revision + 1 RETURNING revision INTO next_revision;
        IF next_revision IS NULL THEN
          RAISE EXCEPTION USING ERRCODE = 'XX001', MESSAGE = 'the store''s revision is missing';
        END IF;
      END IF;

      SELECT array_agg(r.version ORDER BY c.n), array_agg(r.indexed ORDER BY c.n),
        coalesce(array_agg(DISTINCT c.batch) FILTER (WHERE CASE c.condition
          WHEN 1 THEN r.version IS NOT NULL
          WHEN 2 THEN r.version IS DISTINCT FROM c.expected OR r.closed IS NOT NULL
          ELSE false END), '{}')
      INTO found_versions, found_indexings, lost
      FROM unnest(a_batches, a_kinds, a_keys, a_conditions, a_expected)
        WITH ORDINALITY AS c(batch, kind, key, condition, expected, n)
      LEFT JOIN LATERAL (
        SELECT r.version, r.closed, r.indexed FROM \(schema).record r
        WHERE r.kind = c.kind AND r.key = c.key FOR NO KEY UPDATE) r ON true;

      SELECT count(*) INTO wanted
      FROM unnest(a_batches, a_effects, found_versions) AS c(batch, effect, found)
      WHERE c.effect = 1 AND c.found IS NULL AND c.batch <> ALL (lost);
      IF wanted > 0 THEN
        INSERT INTO \(schema).record (kind, key, version, revision, announced, closed, expires, indexed, body)
        SELECT c.kind, c.key, c.version, CASE WHEN c.announced THEN next_revision ELSE 0 END, c.announced, c.closed, c.expires, c.indexed,
          c.body
        FROM unnest(
            a_batches, a_kinds, a_keys, a_effects, a_announced, a_versions, a_closings, a_expiries, a_indexings,
            a_bodies, found_versions)
          WITH ORDINALITY AS c(
            batch, kind, key, effect, announced, version, closed, expires, indexed, body, found, n)
        WHERE c.effect = 1 AND c.found IS NULL AND c.batch <> ALL (lost)
        ORDER BY c.n
        ON CONFLICT (kind, key) DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made <> wanted THEN
          RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'a record was made by another call meanwhile';
        END IF;
      END IF;

      IF a_effects && '{1,2}' THEN
        UPDATE \(schema).record r SET
          version = CASE c.effect WHEN 1 THEN c.version ELSE r.version + 1 END,
          revision = CASE WHEN c.announced THEN next_revision ELSE r.revision END,
          announced = c.announced,
          closed = c.closed,
          expires = CASE c.effect WHEN 1 THEN c.expires ELSE r.expires END,
          indexed = CASE c.effect WHEN 1 THEN c.indexed ELSE r.indexed END,
          body = CASE c.effect WHEN 1 THEN c.body ELSE r.body END
        FROM unnest(
            a_batches, a_kinds, a_keys, a_effects, a_announced, a_versions, a_closings, a_expiries, a_indexings,
            a_bodies, found_versions)
          AS c(batch, kind, key, effect, announced, version, closed, expires, indexed, body, found)
        WHERE c.effect IN (1, 2) AND c.found IS NOT NULL AND c.batch <> ALL (lost)
          AND r.kind = c.kind AND r.key = c.key AND (c.effect = 1 OR r.closed IS NULL);
      END IF;

      IF 3 = ANY (a_effects) THEN
        DELETE FROM \(schema).record r
        USING unnest(a_batches, a_kinds, a_keys, a_effects, found_versions) AS c(batch, kind, key, effect, found)
        WHERE c.effect = 3 AND c.found IS NOT NULL AND c.batch <> ALL (lost) AND r.kind = c.kind AND r.key = c.key;
      END IF;

      DELETE FROM \(schema).record_index i
      USING unnest(a_batches, a_kinds, a_keys, a_effects, a_indexings, found_indexings)
        AS c(batch, kind, key, effect, indexed, found)
      WHERE c.found IS NOT NULL AND c.batch <> ALL (lost)
        AND (c.effect = 3 OR c.effect = 1 AND c.indexed IS DISTINCT FROM c.found)
        AND i.kind = c.kind AND i.key = c.key;
      IF a_index_changes <> '{}' THEN
        INSERT INTO \(schema).record_index (kind, name, value, key)
        SELECT a_kinds[x.change], x.name, x.value, a_keys[x.change]
        FROM unnest(a_index_changes, a_index_names, a_index_values) AS x(change, name, value)
        WHERE a_batches[x.change] <> ALL (lost) AND a_indexings[x.change] IS DISTINCT FROM found_indexings[x.change];
      END IF;

      INSERT INTO \(schema).writer AS w (id, number, conflicts, at) VALUES (a_writer, a_number, lost, now())
      ON CONFLICT (id) DO UPDATE SET number = excluded.number, conflicts = excluded.conflicts, at = excluded.at
      WHERE w.number < excluded.number;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'this call was made already';
      END IF;
      IF next_revision IS NOT NULL THEN PERFORM pg_notify(a_channel, ''); END IF;
      RETURN lost;
    END
    $commit$;

    """
  }
}
#endif
