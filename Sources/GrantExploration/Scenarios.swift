extension Scenario {
  /// Two at a time, on two nodes.
  static let pairs: [Scenario] = [
    Scenario([.exchange, .exchange]),
    Scenario([.rotate, .rotate]),
    Scenario([.present, .rotate], rotatedAgo: 5),
    Scenario([.present, .rotate]),
    Scenario([.present, .present], rotatedAgo: 5),
    Scenario([.present, .present]),
    Scenario([.present, .pass(60)], rotatedAgo: 5),
    Scenario([.rotate, .pass(10_000)]),
    Scenario([.exchange, .pass(120)]),
    Scenario([.rotate, .revokeRefreshToken]),
    Scenario([.present, .revokeRefreshToken]),
    Scenario([.rotate, .revokeAccessToken]),
    Scenario([.revokeRefreshToken, .revokeRefreshToken]),
    Scenario([.revokeAccessToken, .revokeAccessToken]),
    Scenario([.rotate, .revokeGrant]),
    Scenario([.rotate, .withdraw]),
    Scenario([.exchange, .withdraw]),
    Scenario([.exchange, .disableUser]),
    Scenario([.exchange, .disableClient]),
    Scenario([.rotate, .disableUser]),
    Scenario([.rotate, .disableClient]),
    Scenario([.exchange, .signOut]),
    Scenario([.rotate, .signOut]),
    Scenario([.authorize, .withdraw]),
    Scenario([.authorize, .disableUser]),
    Scenario([.authorize, .signOut]),
    Scenario([.arrive, .signOut]),
    Scenario([.arrive, .withdraw]),
    Scenario([.arrive, .disableUser]),
    Scenario([.authorize, .authorize]),
    Scenario([.allow, .allow]),
    Scenario([.allow, .allow], hasConsent: false),
    Scenario([.allow, .withdraw]),
    Scenario([.allow, .withdraw], hasConsent: false),
    Scenario([.allow, .disableUser]),
    Scenario([.allow, .signOut]),
    Scenario([.allow, .authorize]),
    Scenario([.allow, .rotate]),
    Scenario([.signIn, .signOut]),
    Scenario([.signIn, .authorize]),
    Scenario([.signIn, .disableUser]),
    Scenario([.signIn, .exchange]),
    Scenario([.signInElsewhere, .disableUser]),
    Scenario([.present, .withdraw], rotatedAgo: 5),
    Scenario([.withdraw, .withdraw]),
    Scenario([.withdraw, .signOut]),
    Scenario([.withdraw, .revokeRefreshToken]),
    Scenario([.withdraw, .disableUser]),
    Scenario([.revokeGrant, .revokeRefreshToken]),
    Scenario([.revokeGrant, .withdraw]),
    Scenario([.disableUser, .enableUser]),
    Scenario([.signOut, .signOut]),
    Scenario([.sweep, .exchange]),
    Scenario([.sweep, .rotate]),
  ]

  /// Three, on two nodes or three.
  static let triples: [Scenario] = [
    Scenario([.rotate, .rotate, .revokeRefreshToken]),
    Scenario([.exchange, .exchange, .withdraw]),
    Scenario([.present, .rotate, .pass(60)], rotatedAgo: 5),
    Scenario([.present, .rotate, .revokeRefreshToken], rotatedAgo: 5),
    Scenario([.exchange, .pass(120), .sweep]),
    Scenario([at(.enableClient, 0), at(.catchUp, 1), at(.catchUp, 1)], isClientDisabled: true),
  ]

  /// What takes long, and is like what is above.
  static let longer: [Scenario] = [
    Scenario([at(.disableClient, 0), at(.catchUp, 1), at(.rotate, 1)]),
    Scenario([at(.revokeRefreshToken, 0), at(.catchUp, 1), at(.rotate, 1)]),
    Scenario([.signIn, .disableUser, .enableUser]),
    Scenario([.disableUser, .disableUser]),
  ]

  private static func at(_ operation: Operation, _ node: Int) -> Place { Place(operation: operation, node: node) }
}
