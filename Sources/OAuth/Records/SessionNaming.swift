import JOSE
import Vocabulary

/// What a session is called in tokens (OpenID Connect Back-Channel Logout §2.1): a hash, from which neither the session
/// nor what another client was told can be found.
enum SessionNaming {
  static func name(_ session: SessionID, _ client: ClientID) -> SessionName {
    let bytes = Array(session.value.utf8) + [0] + Array(client.value.utf8)
    return SessionName(Base64URL.encode(Array(SHA256Hash.digest(of: bytes).prefix(16))))
  }
}
