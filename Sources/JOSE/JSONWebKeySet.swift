public import StrictJSON

/// A set of public keys, as a client registers it or `jwks_uri` serves it (RFC 7517 §5).
public struct JSONWebKeySet: Sendable {
  public var keys: [JSONWebKey]
  /// Why each key that was passed over was: keys of other algorithms, for encryption, or of too few bits.
  public let passedOver: [JOSEFault]

  public init(keys: [JSONWebKey]) {
    self.keys = keys
    passedOver = []
  }

  /// Reads a set.
  ///
  /// Keys that are well formed but not for us are passed over, as RFC 7517 §5 recommends: sets commonly hold
  /// encryption keys too. A malformed key, or a private one, refuses the whole set, for someone has to mend it.
  ///
  /// - Throws: the fault of the first key that has one, or `keyIDRepeated`: a `kid` must say which key is meant.
  public init(json: JSON) throws(JOSEFault) {
    guard json.members != nil, let entries = json["keys"]?.array else { throw .keyMember("keys") }
    var keys: [JSONWebKey] = []
    var passedOver: [JOSEFault] = []
    var names: Set<String> = []
    for entry in entries {
      do throws(JOSEFault) {
        let key = try JSONWebKey(json: entry)
        if let kid = key.kid, !names.insert(kid).inserted { throw .keyIDRepeated(kid) }
        keys.append(key)
      } catch {
        switch error {
        case .keyUnsupported, .keyTooSmall, .keyTooLarge, .keyWeak: passedOver.append(error)
        default: throw error
        }
      }
    }
    self.keys = keys
    self.passedOver = passedOver
  }

  /// The set as it is published: `{"keys": […]}`.
  public var json: JSON { ["keys": .array(keys.map(\.json))] }

  /// The key of that `kid`; nothing is ever looked up by it but this list.
  public subscript(kid: String) -> JSONWebKey? { keys.first { $0.kid == kid } }
}
