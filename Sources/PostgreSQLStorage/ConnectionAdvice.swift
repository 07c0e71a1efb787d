#if PostgreSQL
/// What to do about a connection that could not be made. libpq tells of it in words alone: its own are English, and so are
/// the server's unless it was set to another language; then they stand without advice.
enum ConnectionAdvice {
  /// By a part of the words; the first that fits counts.
  private static let known: [(words: String, advice: String)] = [
    (
      "certificate verify failed",
      """
      its certificate is expired, or not of an authority in the file that sslrootcert names; \
      openssl s_client -starttls postgres -connect HOST:PORT -CAfile FILE says which
      """
    ),
    (
      "does not match host name",
      "give it a certificate for the name in the address, or write the address as its certificate has it"
    ),
    ("does not support SSL", "set ssl = on at the server, with ssl_cert_file and ssl_key_file"),
    (
      "root certificate file",
      "name the certificate of the server's authority with sslrootcert=FILE; this user must be able to read it"
    ),
    ("has group or world access", "chmod 600 FILE, as the user this runs as"),
    ("unknown ca", "its ssl_ca_file has no authority of the certificate that sslcert names"),
    ("valid client certificate", "name a certificate of this user and its key with sslcert=FILE and sslkey=FILE"),
    (
      "certificate authentication failed",
      "the certificate that sslcert names must have this user's name as its common name"
    ),
    ("no password supplied", "give the password in a file that PGPASSFILE names, or within DOORWARD_DATABASE"),
    (
      "password authentication failed",
      "correct the password in the file that PGPASSFILE names, or in DOORWARD_DATABASE"
    ),
    (
      "no pg_hba.conf entry",
      "let this user in from here, in the server's pg_hba.conf; a line hostssl wants sslmode=require at least"
    ),
    ("too many clients already", tooMany), ("connection slots are reserved", tooMany),
    ("remaining connection slots", tooMany), ("too many connections for", tooMany),
    ("no more connections allowed", tooMany),
    ("hot standby mode", "no server of the address is a primary: wait for the failover, or name the primary"),
    ("session is read-only", "no server of the address can be written to: wait for the failover, or name the primary"),
    ("could not translate host name", "correct the host in the address, or this machine's name resolution"),
    ("Connection refused", "start the database, or correct host and port"),
  ]

  private static let tooMany = "each node has six connections: raise the limit, or let others have fewer"

  static func advice(_ words: String) -> String? { known.first { words.contains($0.words) }?.advice }

  /// What passes by itself, though the server answers: a failover that is going on, connections that others still have.
  static func passes(_ words: String) -> Bool {
    [tooMany, "wait for the failover"].contains { advice(words)?.contains($0) ?? false }
  }
}
#endif
