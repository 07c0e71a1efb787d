import AuthorizationServer
import Dialects
import Foundation
import OAuth
import Storage
import StrictJSON
import Synchronization
import Vocabulary

/// What somebody was told, and what they hold since.
struct Told: Sendable {
  var status: Int
  /// What a page or redirect was, where the status does not say it.
  var words = ""
  var trace: TraceID?
  var tokens: [Secret] = []
  /// The refresh token among them.
  var refreshToken: Secret?

  var isFailure: Bool { status == 503 }
  /// Whether it was done as asked.
  var isAcknowledged: Bool { status == 200 || status == 302 || status == 303 }

  /// A page that asks the person to sign in or to agree: nothing is given or refused by it, so which of them is all one.
  static let asks = "asks the person"
}

/// What hangs together: all that came of one grant.
enum Line: Hashable, Sendable {
  /// Of the code that was not used yet.
  case code
  /// Of the family that was rotated once.
  case family
  /// Of a code that was made meanwhile.
  case new
}

/// Something that one node does for somebody, once.
struct Operation: Sendable {
  let name: String
  /// Which line the tokens it gives belong to.
  var gives: Line?
  /// What must be over once it was acknowledged.
  var ends: Set<Line> = []
  /// Whether that is looked up at each use, not heard of.
  var isLookedUp = true
  /// How long it lets pass, in seconds.
  var seconds: Int64 = 0
  /// Whether a server does it, which knows of it from that moment on; otherwise a command does.
  var isServed = true
  /// Whether it takes one commit, so that a failure leaves all or nothing of it.
  var isAtomic = true
  /// Whether it is of use to let it fail: not where it is several requests, each of which is tried by itself.
  var mayFail = true
  /// The secret it presents, which works once.
  var presents: Secret?
  let act: @Sendable (World, Node) async throws -> Told
}

extension Operation {
  static let exchange = Operation(name: "exchange code", gives: .code, presents: World.code) { world, node in
    try await token(
      world, node,
      [("grant_type", "authorization_code"), ("code", World.code.reveal()), ("redirect_uri", Ground.redirectURI)])
  }

  /// Presents the family's current refresh token.
  static let rotate = Operation(name: "rotate", gives: .family) { world, node in
    try await token(world, node, [("grant_type", "refresh_token"), ("refresh_token", world.current.reveal())])
  }

  /// Presents the one before: a retry inside the grace, and reuse after it.
  static let present = Operation(name: "present superseded", gives: .family, presents: World.superseded) {
    world, node in
    try await token(world, node, [("grant_type", "refresh_token"), ("refresh_token", World.superseded.reveal())])
  }

  private static func token(_ world: World, _ node: Node, _ form: [(String, String)]) async throws -> Told {
    let trace = TraceID.random()
    let answer = await node.post("/oauth/token", form, client: world.ground.app, trace: trace)
    var told = Told(status: answer.status, trace: trace)
    guard answer.status == 200 else { return told }
    let json = try JSON(parsing: answer.body)
    told.refreshToken = json["refresh_token"]?.string.map(Secret.init)
    told.tokens = [json["access_token"]?.string.map(Secret.init), told.refreshToken].compactMap { $0 }
    return told
  }

  static let revokeRefreshToken = Operation(name: "revoke refresh token", ends: [.family]) { world, node in
    await revoke(world, node, world.current)
  }

  static let revokeAccessToken = Operation(name: "revoke access token") { world, node in
    await revoke(world, node, world.access)
  }

  private static func revoke(_ world: World, _ node: Node, _ token: Secret) async -> Told {
    let trace = TraceID.random()
    let answer = await node.post("/oauth/revoke", [("token", token.reveal())], client: world.ground.app, trace: trace)
    return Told(status: answer.status, trace: trace)
  }

  /// The person takes back what they gave, at `/account`.
  static let withdraw = Operation(name: "withdraw consent", ends: [.code, .family], isAtomic: false) { world, node in
    let trace = TraceID.random()
    let answer = await node.post(
      "/account", [world.formToken("0a"), ("grant", "app")], cookie: World.cookie, trace: trace)
    return Told(status: answer.status, trace: trace)
  }

  static let revokeGrant = Operation(name: "revoke grant", ends: [.family], isServed: false, isAtomic: false) {
    world, node in
    guard let grant = try await node.issuer.store.read(Grant.self, World.heldGrant.value) else {
      return Told(status: 404)
    }
    _ = try await Withdrawal.one(grant.record, in: node.issuer.store, now: Clock.now)
    return Told(status: 200)
  }

  static let disableUser = Operation(
    name: "disable user", ends: [.code, .family], isServed: false, isAtomic: false
  ) { world, node in
    _ = try await UserRegistration.disable(World.username, in: node.issuer.store, now: Clock.now)
    return Told(status: 200)
  }

  static let enableUser = Operation(name: "enable user", isServed: false) { world, node in
    _ = try await UserRegistration.change(World.username, in: node.issuer.store) { $0.isDisabled = false }
    return Told(status: 200)
  }

  static let disableClient = Operation(
    name: "disable client", ends: [.code, .family], isLookedUp: false, isServed: false
  ) { world, node in
    _ = try await ClientRegistration.change(ClientID("app"), in: node.issuer.store) { $0.isDisabled = true }
    return Told(status: 200)
  }

  static let enableClient = Operation(name: "enable client", isServed: false) { world, node in
    _ = try await ClientRegistration.change(ClientID("app"), in: node.issuer.store) { $0.isDisabled = false }
    return Told(status: 200)
  }

  static let signOut = Operation(name: "sign out") { world, node in
    let trace = TraceID.random()
    let answer = await node.post("/oauth/logout", [world.formToken("0b")], cookie: World.cookie, trace: trace)
    return Told(status: answer.status, trace: trace)
  }

  static let signIn = Operation(name: "sign in") { world, node in await signIn(world, node, World.cookie) }

  /// In another browser.
  static let signInElsewhere = Operation(name: "sign in elsewhere") { world, node in
    await signIn(world, node, World.otherCookie)
  }

  private static func signIn(_ world: World, _ node: Node, _ cookie: Secret) async -> Told {
    let trace = TraceID.random()
    let form = [world.formToken("0c", cookie), ("username", World.username), ("password", "password of ada")]
    let answer = await node.post("/login", form, cookie: cookie, trace: trace)
    let cookie = answer.headers.first { $0.name == "Set-Cookie" }?.value
    let value = cookie?.split(separator: ";").first?.split(separator: "=").last.map { Secret(String($0)) }
    return Told(
      status: answer.status, words: value == nil ? "no cookie" : "a session", trace: trace,
      tokens: value.map { [$0] } ?? [])
  }

  private static let asked =
    "/oauth/authorize?"
    + Form.encode([
      ("response_type", "code"), ("client_id", "app"), ("redirect_uri", Ground.redirectURI), ("scope", "openid a"),
    ])

  /// By the consent that is remembered; otherwise the person is asked.
  static let authorize = Operation(name: "authorize") { world, node in
    let trace = TraceID.random()
    return place(await node.get(asked, cookie: World.cookie, trace: trace), trace)
  }

  /// By the consent that is remembered; and the application exchanges the code at once.
  static let arrive = Operation(name: "authorize and exchange", gives: .new, mayFail: false) { world, node in
    let told = place(await node.get(asked, cookie: World.cookie, trace: .random()), .random())
    guard let code = told.tokens.first else { return told }
    // Two requests, one after the other: anything may come to its end between them.
    if let operation = Stage.operation { _ = await world.stage.turn(of: operation, for: .begin) }
    return try await token(
      world, node,
      [("grant_type", "authorization_code"), ("code", code.reveal()), ("redirect_uri", Ground.redirectURI)])
  }

  /// The person presses the button on the consent page.
  static let allow = Operation(name: "allow") { world, node in
    let trace = TraceID.random()
    let form = [world.formToken("0d"), ("return", asked), ("decision", "allow"), ("scope", "a")]
    return place(await node.post("/consent", form, cookie: World.cookie, trace: trace), trace)
  }

  private static func place(_ answer: OutgoingAnswer, _ trace: TraceID) -> Told {
    var told = Told(status: answer.status, trace: trace)
    let location = answer.headers.first { $0.name == "Location" }?.value ?? ""
    let query = location.split(separator: "?").last.map(String.init) ?? ""
    if let code = (try? Form(decoding: query.utf8))?["code"] {
      told.words = "code"
      told.tokens = [Secret(code)]
    } else {
      let body = String(decoding: answer.body, as: UTF8.self)
      if body.contains("name=\"password\"") || body.contains("name=\"decision\"") { told.words = Told.asks }
    }
    return told
  }

  static let sweep = Operation(name: "sweep") { world, node in
    while try await node.issuer.store.sweep(expiredBefore: Clock.now, limit: 500) == 500 {}
    return Told(status: 200)
  }

  /// The node hears of what others did.
  static let catchUp = Operation(name: "catch up") { world, node in
    try await node.issuer.snapshot.catchUp(node.issuer.store)
    return Told(status: 200)
  }

  static func pass(_ seconds: Int64) -> Operation {
    Operation(name: "\(seconds) s pass", seconds: seconds) { world, _ in
      _ = await world.stage.turn(of: Stage.operation ?? 0, for: .wait(seconds * 1000))
      Clock.offset.add(seconds * 1000, ordering: .relaxed)
      return Told(status: 200)
    }
  }
}
